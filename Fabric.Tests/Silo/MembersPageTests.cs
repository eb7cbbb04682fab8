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
        var lines = (await client.GetStringOf("/members")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches("^view [1-9][0-9]*$", lines[0]);
        Assert.Matches($"^{System.Text.RegularExpressions.Regex.Escape(Environment.MachineName)} +Active +control,gateway,node +"
            + "[0-9.]+:[0-9]+ +[1-9][0-9]* activations$", Assert.Single(lines[1..]));

        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        using var answer = await client.GetAsync(new Uri("/members", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }
}
