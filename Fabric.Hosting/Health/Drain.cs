namespace Fabric.Hosting.Health;

/// <summary>
/// Between the word to stop and the end of listening: <c>/readyz</c> already says that the process stops, and requests are still taken, so
/// that balancers stop sending before they would be refused. Each answer ends its connection: a client that kept one would otherwise send
/// its next request at the moment when the port closes, and never know whether it was read. What runs after that is finished in the time
/// of the shutdown.
/// </summary>
public sealed class Drain : IHostedLifecycleService
{
    /// <summary>Long enough for probes of a second.</summary>
    public const int DefaultSeconds = 2;

    private readonly TimeSpan length;
    private readonly IHostApplicationLifetime lifetime;

    /// <summary>Drains for so long.</summary>
    public Drain(TimeSpan length, IHostApplicationLifetime lifetime)
    {
        this.length = length;
        this.lifetime = lifetime;
    }

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        lifetime.StopApplication();
        await Task.Delay(length, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Puts <see cref="Drain"/> into a host.</summary>
public static class DrainHosting
{
    /// <summary>Drains for so long before the port closes.</summary>
    public static IServiceCollection AddDrain(this IServiceCollection services, TimeSpan length) => services.AddHostedService(
        provider => new Drain(length, provider.GetRequiredService<IHostApplicationLifetime>()));

    /// <summary>From the word to stop on, answers end their connections.</summary>
    public static void UseDrain(this IApplicationBuilder app)
    {
        var stopping = app.ApplicationServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        app.Use((context, next) =>
        {
            if (stopping.IsCancellationRequested)
                context.Response.Headers.Connection = "close";
            return next(context);
        });
    }
}
