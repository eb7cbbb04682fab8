namespace Orleans
{
    /// <summary>Takes part in a lifecycle at one stage.</summary>
    public interface ILifecycleObserver
    {
        Task OnStart(CancellationToken cancellationToken = default);

        Task OnStop(CancellationToken cancellationToken = default);
    }

    /// <summary>A start and stop in ordered stages, of a silo or of an activation.</summary>
    public interface ILifecycleObservable
    {
        IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer);
    }

    /// <summary>A service that takes part in a lifecycle; the runtime finds it in the container.</summary>
    public interface ILifecycleParticipant<TLifecycleObservable> where TLifecycleObservable : ILifecycleObservable
    {
        void Participate(TLifecycleObservable lifecycle);
    }

    /// <summary>Short forms of subscribing to a lifecycle.</summary>
    public static class LifecycleExtensions
    {
        public static IDisposable Subscribe(this ILifecycleObservable observable, string observerName, int stage,
            Func<CancellationToken, Task> onStart, Func<CancellationToken, Task>? onStop) =>
            observable.Subscribe(observerName, stage, new Observer(onStart, onStop));

        public static IDisposable Subscribe(this ILifecycleObservable observable, string observerName, int stage,
            Func<CancellationToken, Task> onStart) => observable.Subscribe(observerName, stage, new Observer(onStart, null));

        public static IDisposable Subscribe<TObserver>(this ILifecycleObservable observable, int stage, ILifecycleObserver observer) =>
            observable.Subscribe(typeof(TObserver).FullName!, stage, observer);

        public static IDisposable Subscribe<TObserver>(this ILifecycleObservable observable, int stage,
            Func<CancellationToken, Task> onStart, Func<CancellationToken, Task>? onStop) =>
            observable.Subscribe(typeof(TObserver).FullName!, stage, new Observer(onStart, onStop));

        public static IDisposable Subscribe<TObserver>(this ILifecycleObservable observable, int stage,
            Func<CancellationToken, Task> onStart) =>
            observable.Subscribe(typeof(TObserver).FullName!, stage, new Observer(onStart, null));

        public static IDisposable Subscribe(this ILifecycleObservable observable, int stage, ILifecycleObserver observer) =>
            observable.Subscribe(observer.GetType().FullName!, stage, observer);

        private sealed class Observer(Func<CancellationToken, Task> onStart, Func<CancellationToken, Task>? onStop) : ILifecycleObserver
        {
            public Task OnStart(CancellationToken cancellationToken) => onStart(cancellationToken);

            public Task OnStop(CancellationToken cancellationToken) => onStop?.Invoke(cancellationToken) ?? Task.CompletedTask;
        }
    }

    /// <summary>The stages of a silo's start.</summary>
    public static class ServiceLifecycleStage
    {
        public const int First = int.MinValue;
        public const int RuntimeInitialize = 2000;
        public const int RuntimeServices = 4000;
        public const int RuntimeStorageServices = 6000;
        public const int RuntimeGrainServices = 8000;
        public const int ApplicationServices = 10000;
        public const int BecomeActive = Active - 1;
        public const int Active = 20000;
        public const int Last = int.MaxValue;
    }
}

namespace Orleans.Runtime
{
    /// <summary>The lifecycle of one activation; see <see cref="GrainLifecycleStage"/>.</summary>
    public interface IGrainLifecycle : ILifecycleObservable;

    /// <summary>The lifecycle of a silo; see <see cref="ServiceLifecycleStage"/>.</summary>
    public interface ISiloLifecycle : ILifecycleObservable;

    /// <summary>The stages of an activation's start.</summary>
    public static class GrainLifecycleStage
    {
        public const int First = int.MinValue;

        /// <summary>Persistent state is read here.</summary>
        public const int SetupState = 1000;

        /// <summary>OnActivateAsync runs here.</summary>
        public const int Activate = 2000;

        public const int Last = int.MaxValue;
    }

    /// <summary>Work to run once while a silo starts.</summary>
    public interface IStartupTask
    {
        Task Execute(CancellationToken cancellationToken);
    }
}
