using Fabric.Gateway.Http;
using Fabric.Grains.Kernel;
using Microsoft.AspNetCore.Http;

namespace Fabric.Tests.Http;

public sealed class MicroversionTests
{
    private static readonly MicroversionWindow Window = new("compute", new(2, 1), new(2, 93), "X-OpenStack-Nova-API-Version");

    [Theory]
    [InlineData(null, null, "2.1")]
    [InlineData("compute 2.47", null, "2.47")]
    [InlineData("COMPUTE latest", null, "2.93")]
    [InlineData("volume 3.1, compute 2.9", null, "2.9")]
    [InlineData("volume 3.1", null, "2.1")]
    [InlineData(null, "2.10", "2.10")]
    [InlineData("compute 2.11", "2.10", "2.11")]
    public void The_header_names_the_version(string? header, string? legacy, string expected) =>
        Assert.Equal(expected, Window.Negotiate(Headers(header, legacy)).ToString());

    [Theory]
    [InlineData("compute 2.94", FaultKind.NotAcceptable)]
    [InlineData("compute 1.1", FaultKind.NotAcceptable)]
    [InlineData("compute two", FaultKind.BadRequest)]
    [InlineData("compute 2.01", FaultKind.BadRequest)]
    [InlineData("compute 2", FaultKind.BadRequest)]
    public void A_version_that_is_not_offered_is_refused(string header, FaultKind kind) =>
        Assert.Equal(kind, Assert.Throws<Fault>(() => Window.Negotiate(Headers(header, null))).Kind);

    [Fact]
    public void Versions_are_ordered_by_number_and_told_in_the_answer()
    {
        Assert.True(new Microversion(2, 9) < "2.10");
        var headers = new HeaderDictionary();
        Window.Write(headers, new(2, 9));
        Assert.Equal("compute 2.9", headers["OpenStack-API-Version"]);
        Assert.Equal("2.9", headers["X-OpenStack-Nova-API-Version"]);
        Assert.Equal("OpenStack-API-Version,X-OpenStack-Nova-API-Version", headers["Vary"].ToString());
    }

    private static HeaderDictionary Headers(string? header, string? legacy)
    {
        var headers = new HeaderDictionary();
        if (header is not null)
            headers["OpenStack-API-Version"] = header;
        if (legacy is not null)
            headers["X-OpenStack-Nova-API-Version"] = legacy;
        return headers;
    }
}
