using System.Reflection;

namespace Orleans.Serialization.Invocation;

/// <summary>Something that can hand out the object a call runs on.</summary>
public interface ITargetHolder
{
    object? GetTarget();

    TComponent? GetComponent<TComponent>() where TComponent : class;
}

/// <summary>One call as data: which method, with which arguments. Call filters look at it.</summary>
public interface IInvokable : IDisposable
{
    object? GetTarget();

    void SetTarget(ITargetHolder holder);

    int GetArgumentCount();

    object? GetArgument(int index);

    void SetArgument(int index, object value);

    string GetMethodName();

    string GetInterfaceName();

    string GetActivityName();

    MethodInfo GetMethod();

    Type GetInterfaceType();

    TimeSpan? GetDefaultResponseTimeout();

    CancellationToken GetCancellationToken();

    bool TryCancel();

    bool IsCancellable => false;
}
