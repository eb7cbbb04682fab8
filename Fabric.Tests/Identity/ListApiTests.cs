using System.Text.Json;
using Fabric.Grains.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Identity;

/// <summary>A cloud whose lists are short.</summary>
public sealed class ListApiTests : IAsyncLifetime
{
    private readonly IdentityCloud cloud = new()
    {
        Configure = static services => services.Configure<IdentityOptions>(static options => options.ListLimit = 3),
    };

    public Task InitializeAsync() => cloud.InitializeAsync();

    public Task DisposeAsync() => cloud.DisposeAsync();

    [Fact]
    public async Task A_list_is_cut_after_its_filters_and_says_so()
    {
        foreach (var name in new[] { "Anna", "anne", "Bert", "berta", "carl" })
            await cloud.Do("POST", "/groups", new { group = new { name } });

        var all = await cloud.Do("GET", "/groups");
        Assert.Equal(3, all.GetProperty("groups").GetArrayLength());
        Assert.True(all.GetProperty("truncated").GetBoolean());
        Assert.EndsWith("/identity/v3/groups", all.GetProperty("links").GetProperty("self").GetString());

        var some = await cloud.Do("GET", "/groups?name__istartswith=BER");
        Assert.False(some.TryGetProperty("truncated", out _));
        Assert.EndsWith("/identity/v3/groups?name__istartswith=BER", some.GetProperty("links").GetProperty("self").GetString());
        Assert.Equal(JsonValueKind.Null, some.GetProperty("links").GetProperty("next").ValueKind);
        Assert.Equal(["Bert", "berta"], Names(some));
        Assert.Equal(["berta"], Names(await cloud.Do("GET", "/groups?name__startswith=ber")));
        Assert.Equal(["Anna"], Names(await cloud.Do("GET", "/groups?name__endswith=na")));
        Assert.Equal(["anne"], Names(await cloud.Do("GET", "/groups?name__contains=nn&name__endswith=e")));
        Assert.Equal(["carl"], Names(await cloud.Do("GET", "/groups?name__icontains=AR&limit=1&marker=x&sort_key=name")));
        // What Keystone does not know filters nothing.
        Assert.Equal(3, (await cloud.Do("GET", "/groups?name__sounds=like")).GetProperty("groups").GetArrayLength());
        Assert.True((await cloud.Do("GET", "/role_assignments?effective")).GetProperty("role_assignments").GetArrayLength() > 3);
    }

    private static IEnumerable<string> Names(JsonElement body) =>
        body.GetProperty("groups").EnumerateArray().Select(static item => item.GetProperty("name").GetString()!)
            .Order(StringComparer.Ordinal);
}
