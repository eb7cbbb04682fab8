using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>What a silo knows of itself.</summary>
    public interface ILocalSiloDetails
    {
        string Name { get; }

        string ClusterId { get; }

        string DnsHostName { get; }

        SiloAddress SiloAddress { get; }

        SiloAddress GatewayAddress { get; }
    }
}

namespace Fabric.Engine
{
    internal sealed class LocalSiloDetails(SiloRuntime silo, IOptions<ClusterOptions> cluster, IOptions<EndpointOptions> endpoints)
        : ILocalSiloDetails
    {
        public string Name => silo.Name;

        public string ClusterId => cluster.Value.ClusterId;

        public string DnsHostName { get; } = Dns.GetHostName();

        public SiloAddress SiloAddress => silo.Address;

        public SiloAddress GatewayAddress =>
            SiloAddress.New(silo.Address.Endpoint.Address, endpoints.Value.GatewayPort, silo.Address.Generation);
    }
}
