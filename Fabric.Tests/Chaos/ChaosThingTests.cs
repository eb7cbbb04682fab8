using System.Text.Json;

namespace Fabric.Tests.Chaos;

/// <summary>The judge of the history sees what is wrong.</summary>
public sealed class ChaosThingTests
{
    private static readonly ChaosAnswer Lost = new(null, default, "");

    private readonly ChaosThing port = new(ChaosKind.Port, "id", "name", 1);

    [Fact]
    public void A_write_that_was_acknowledged_and_is_gone_is_wrong()
    {
        port.EndWrite(port.BeginWrite(), Shown(1, 2));
        Assert.Null(port.Judge(port.Begin(), Shown(1, 2)));
        Assert.Contains("1 was acknowledged", port.Judge(port.Begin(), Shown(0, 2)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_of_unknown_outcome_may_be_there_or_not_or_come_late()
    {
        port.EndWrite(port.BeginWrite(), Lost);
        Assert.Null(port.Judge(port.Begin(), Shown(0, 1)));
        Assert.Null(port.Judge(port.Begin(), Shown(1, 2)));
        port.EndWrite(port.BeginWrite(), Shown(2, 3));
        Assert.Null(port.Judge(port.Begin(), Shown(1, 4)));
        Assert.NotNull(port.Judge(port.Begin(), Shown(0, 4)));
    }

    [Fact]
    public void A_revision_that_was_seen_never_goes_back()
    {
        Assert.Null(port.Judge(port.Begin(), Shown(0, 5)));
        Assert.Contains("had revision 5", port.Judge(port.Begin(), Shown(0, 4)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_deleted_must_be_there_and_what_was_deleted_must_not()
    {
        Assert.NotNull(port.Judge(port.Begin(), new(404, default, "")));
        port.BeginDelete();
        port.EndDelete(Lost);
        Assert.Null(port.Judge(port.Begin(), new(404, default, "")));
        Assert.Null(port.Judge(port.Begin(), Shown(0, 1)));
        port.EndDelete(new(204, default, ""));
        Assert.NotNull(port.Judge(port.Begin(), Shown(0, 1)));
    }

    private static ChaosAnswer Shown(int value, int revision)
    {
        var port = new { description = $"{value}", revision_number = revision };
        return new(200, JsonSerializer.SerializeToElement(new { port }), "");
    }
}
