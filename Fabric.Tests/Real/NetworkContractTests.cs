using Fabric.NodeAgent.Network;
using Fabric.Tests.Drivers;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Real;

/// <summary>The contract of network drivers, on a real kernel.</summary>
public sealed class NetworkContractTests : NetworkDriverContract, IAsyncLifetime
{
    private NetworkLab? _lab;
    private LinuxNetwork? _driver;

    private protected override INetworkDriver Driver
    {
        get
        {
            Machine.NeedsNetworking();
            return _driver!;
        }
    }

    public async Task InitializeAsync()
    {
        // A skip here would count as a failure; the driver's getter does it within the test.
        if (!Machine.HasNetworking)
            return;

        _lab = await NetworkLab.Start();
        _driver = _lab.Driver();
    }

    public async Task DisposeAsync()
    {
        if (_driver is not null)
            await _driver.DisposeAsync();

        if (_lab is not null)
            await _lab.DisposeAsync();
    }
}
