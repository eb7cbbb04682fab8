using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using Fabric.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Configuration
{
    /// <summary>The database in which silos meet.</summary>
    public class AdoNetClusteringSiloOptions
    {
        public string ConnectionString { get; set; } = "";

        /// <summary>The kind of database; only "Npgsql" is known here.</summary>
        public string Invariant { get; set; } = "";

        /// <summary>Instead of a connection string; of Npgsql's kind.</summary>
        public DbDataSource? DataSource { get; set; }
    }

    /// <summary>The database in which clients find silos.</summary>
    public class AdoNetClusteringClientOptions
    {
        public string ConnectionString { get; set; } = "";

        public string Invariant { get; set; } = "";

        public DbDataSource? DataSource { get; set; }
    }
}

namespace Orleans.Hosting
{
    /// <summary>Membership in a database.</summary>
    public static class AdoNetHostingExtensions
    {
        public static ISiloBuilder UseAdoNetClustering(this ISiloBuilder builder, Action<AdoNetClusteringSiloOptions> configureOptions)
        {
            builder.Services.Configure(configureOptions);
            AddStore(builder.Services, static services =>
            {
                var options = services.GetRequiredService<IOptions<AdoNetClusteringSiloOptions>>().Value;
                return (options.Invariant, options.ConnectionString, options.DataSource);
            });
            return builder;
        }

        public static IClientBuilder UseAdoNetClustering(this IClientBuilder builder,
            Action<AdoNetClusteringClientOptions> configureOptions)
        {
            builder.Services.Configure(configureOptions);
            AddStore(builder.Services, static services =>
            {
                var options = services.GetRequiredService<IOptions<AdoNetClusteringClientOptions>>().Value;
                return (options.Invariant, options.ConnectionString, options.DataSource);
            });
            return builder;
        }

        private static void AddStore(IServiceCollection services, Func<IServiceProvider, (string, string, DbDataSource?)> read)
        {
            services.TryAddSingleton<ClusterJoint>();
            services.TryAddSingleton<TimeProvider, ClusterTime>();
            services.TryAddSingleton<IMembershipStore>(provider => Store(read(provider),
                provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId));
        }

        private static PostgresMembershipStore Store((string Invariant, string ConnectionString, DbDataSource? Source) options,
            string clusterId)
        {
            if (options.Invariant != "Npgsql")
                throw new OrleansConfigurationException($"Clustering in a database of kind \"{options.Invariant}\" is not known here.");
            if (options.Source is not null)
            {
                return new PostgresMembershipStore(options.Source as NpgsqlDataSource
                    ?? throw new OrleansConfigurationException("The data source of clustering is not Npgsql's."), clusterId);
            }

            var text = PostgresMembershipStore.Settings(options.ConnectionString);
            return new PostgresMembershipStore(() => NpgsqlDataSource.Create(text), clusterId);
        }
    }

    /// <summary>The secret that makes a process one of the cluster.</summary>
    public static class ClusterKeyHostingExtensions
    {
        /// <summary>Sets the key that all silos and clients of the cluster share: 16 random bytes or more. Who has it can do all.</summary>
        public static ISiloBuilder UseClusterKey(this ISiloBuilder builder, byte[] key)
        {
            builder.Services.Configure<ClusterKey>(options => options.Bytes = key);
            return builder;
        }

        /// <inheritdoc cref="UseClusterKey(ISiloBuilder, byte[])"/>
        public static IClientBuilder UseClusterKey(this IClientBuilder builder, byte[] key)
        {
            builder.Services.Configure<ClusterKey>(options => options.Bytes = key);
            return builder;
        }
    }

    /// <summary>Where a silo listens and what it tells the others.</summary>
    public static class EndpointOptionsExtensions
    {
        public static ISiloBuilder ConfigureEndpoints(this ISiloBuilder builder, string hostname, int siloPort, int gatewayPort,
            AddressFamily addressFamily = AddressFamily.InterNetwork, bool listenOnAnyHostAddress = false) =>
            builder.ConfigureEndpoints(AddressOf(hostname, addressFamily), siloPort, gatewayPort, listenOnAnyHostAddress);

        public static ISiloBuilder ConfigureEndpoints(this ISiloBuilder builder, IPAddress advertisedIP, int siloPort, int gatewayPort,
            bool listenOnAnyHostAddress = false) => builder.Configure<EndpointOptions>(options =>
            {
                options.AdvertisedIPAddress = advertisedIP;
                options.SiloPort = siloPort;
                options.GatewayPort = gatewayPort;
                var any = advertisedIP.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
                options.SiloListeningEndpoint = listenOnAnyHostAddress ? new IPEndPoint(any, siloPort) : null;
                options.GatewayListeningEndpoint = listenOnAnyHostAddress ? new IPEndPoint(any, gatewayPort) : null;
            });

        public static ISiloBuilder ConfigureEndpoints(this ISiloBuilder builder, int siloPort, int gatewayPort,
            AddressFamily addressFamily = AddressFamily.InterNetwork, bool listenOnAnyHostAddress = false) =>
            builder.ConfigureEndpoints(Dns.GetHostName(), siloPort, gatewayPort, addressFamily, listenOnAnyHostAddress);

        private static IPAddress AddressOf(string hostname, AddressFamily family) =>
            IPAddress.TryParse(hostname, out var literal) ? literal : Array.Find(Dns.GetHostAddresses(hostname, family),
                static address => !IPAddress.IsLoopback(address)) ?? Dns.GetHostAddresses(hostname, family).FirstOrDefault()
                ?? throw new OrleansConfigurationException($"{hostname} has no address of family {family}.");
    }

    /// <summary>The client's own options and services.</summary>
    public static class ClientBuilderExtensions
    {
        public static IClientBuilder ConfigureServices(this IClientBuilder builder, Action<IServiceCollection> configureDelegate)
        {
            configureDelegate(builder.Services);
            return builder;
        }

        public static IClientBuilder Configure<TOptions>(this IClientBuilder builder, Action<TOptions> configureOptions)
            where TOptions : class
        {
            builder.Services.Configure(configureOptions);
            return builder;
        }

        /// <summary>Spans of grain calls; the embedded engine always flows them.</summary>
        public static IClientBuilder AddActivityPropagation(this IClientBuilder builder) => builder;
    }
}
