using Fabric.Gateway.Http;

namespace Fabric.Gateway.Compute;

/// <summary>
/// The versions of the compute API. What each changed in the bodies that are served here
/// (source: <c>nova/api/openstack/compute/rest_api_version_history.rst</c>):
/// <list type="bullet">
/// <item>2.2 key pairs have a type and answer 201 and 204; 2.10 other users' key pairs; 2.35 their paging; 2.92 no more generated
/// ones</item>
/// <item>2.3 more <c>OS-EXT-SRV-ATTR</c>, <c>delete_on_termination</c>; 2.5 filter by <c>ip6</c>; 2.7 no access to a public flavor</item>
/// <item>2.9 <c>locked</c>; 2.13 project and user of a server group; 2.15 soft policies; 2.16 <c>host_status</c>; 2.19 description</item>
/// <item>2.21 actions of deleted servers (there are none); 2.26 tags; 2.36 no proxied networking; 2.37 networks are required</item>
/// <item>2.38 a bad status is an error; 2.39 no limit of image metadata; 2.42 tags of cards; 2.47 the flavor is in the server</item>
/// <item>2.50 quota classes; 2.51 events of actions; 2.52 tags at creation; 2.55 flavors' descriptions; 2.57 no personality</item>
/// <item>2.58 paging of actions; 2.61 extra specs in flavors; 2.62 hosts of actions; 2.63 trusted certificates; 2.64 one policy</item>
/// <item>2.66 changes-before; 2.70 tags of interfaces; 2.71 server groups; 2.73 reason of a lock; 2.74 a requested host</item>
/// <item>2.75 nothing unknown in queries, all in an update's answer; 2.83 more filters; 2.84 details of events; 2.90 host names</item>
/// </list>
/// </summary>
internal static class ComputeMicroversions
{
    internal static readonly MicroversionWindow Window = new("compute", "2.1", "2.93", "X-OpenStack-Nova-API-Version");
}
