using System.Net;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Silo;

public sealed class MembersPageTests
{
    [Fact]
    public async Task The_members_are_shown_to_this_machine_and_not_to_whom_a_proxy_speaks_for()
    {
        await using var cloud = await Cloud.Start();
        var client = cloud.Http();
        Assert.Contains("Active", await client.GetStringOf("/members"), StringComparison.Ordinal);

        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        using var answer = await client.GetAsync(new Uri("/members", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }
}
