using Fabric.Engine;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Fabric.Tests.Engine;

/// <summary>A silo in this process with memory storage, reminders and a clock that only the test moves.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private TestSilo(IHost host, ManualTime time)
    {
        _host = host;
        Time = time;
    }

    internal ManualTime Time { get; }

    internal IServiceProvider Services => _host.Services;

    internal IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    internal Probe Probe => Services.GetRequiredService<Probe>();

    internal static async Task<TestSilo> Start(Action<ISiloBuilder>? configure = null, ManualTime? time = null)
    {
        time ??= new ManualTime();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton<Probe>();
        builder.UseOrleans(silo =>
        {
            silo.AddMemoryGrainStorageAsDefault().UseInMemoryReminderService();
            silo.Configure<ReminderOptions>(options => options.MinimumReminderPeriod = TimeSpan.FromSeconds(1));
            silo.Configure<GrainCollectionOptions>(options => options.CollectionAge = TimeSpan.FromMinutes(15));
            configure?.Invoke(silo);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new TestSilo(host, time);
    }

    internal SiloRuntime Runtime => Services.GetRequiredService<SiloRuntime>();

    /// <summary>Waits until so many calls wait for their answers.</summary>
    internal Task PendingCalls(int count) => Eventually.True(() => Runtime.PendingCallCount == count, $"{count} calls wait for answers");

    /// <summary>Waits until no activation has anything to do.</summary>
    internal Task Quiet() => Eventually.True(() => Runtime.Catalog.All.All(activation => activation.IsIdle), "every activation is idle");

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
