using Fabric.Engine.Serialization;

namespace Fabric.Tests.Engine.Serialization;

/// <summary>What an older program knows of a contract.</summary>
public static class Older
{
    [GenerateSerializer, Alias("upgrade.volume")]
    public sealed record Volume
    {
        [Id(0)] public required string Name { get; init; }
        [Id(1)] public int SizeGiB { get; init; } = 1;
        [Id(2)] public string? Pool { get; init; }
        [Id(5)] public Part? Part { get; init; }
        [Id(7)] public Part? Other { get; init; }
    }

    [GenerateSerializer, Alias("upgrade.part")]
    public class Part
    {
        [Id(0)] public string? Text { get; set; }
    }

    [GenerateSerializer, Alias("upgrade.failure")]
    public sealed class Failure(string message) : Exception(message);
}

/// <summary>The same contract in the next version: a field less, some more, a new type, a level of inheritance.</summary>
public static class Newer
{
    [GenerateSerializer, Alias("upgrade.volume")]
    public sealed record Volume
    {
        [Id(0)] public required string Name { get; init; }
        [Id(1)] public long SizeGiB { get; init; } = 1;
        [Id(3)] public IReadOnlyDictionary<string, Part> Parts { get; init; } = new Dictionary<string, Part>();
        [Id(4)] public Part? First { get; init; }
        [Id(5)] public Part? Part { get; init; }
        [Id(6)] public Zone Zone { get; init; } = new("nova", 1.5);
        [Id(7)] public Part? Other { get; init; }
        [Id(20)] public string Type { get; init; } = "standard";
    }

    [GenerateSerializer, Alias("upgrade.part")]
    public class Part
    {
        [Id(0)] public string? Text { get; set; }
        [Id(1)] public Part? Inner { get; set; }
    }

    [GenerateSerializer, Alias("upgrade.special-part")]
    public sealed class SpecialPart : Part
    {
        [Id(0)] public decimal Price { get; set; }
    }

    [GenerateSerializer, Alias("upgrade.zone")]
    public readonly record struct Zone([property: Id(0)] string Name, [property: Id(1)] double Weight);

    [GenerateSerializer, Alias("upgrade.new-failure")]
    public sealed class Failure(string message) : Exception(message);
}

/// <summary>A rolling upgrade: for a while silos of two versions talk to each other.</summary>
public sealed class VersionTests
{
    private readonly CodecWorld _older = new(static entry => !IsOf(entry, typeof(Newer)));
    private readonly CodecWorld _newer = new(static entry => !IsOf(entry, typeof(Older)));

    [Fact]
    public void An_older_program_reads_what_a_newer_one_wrote()
    {
        var special = new Newer.SpecialPart { Text = "special", Price = 9.99m };

        var back = Upgrade<Newer.Volume, Older.Volume>(_newer, _older, new()
        {
            Name = "v", SizeGiB = 40, Type = "fast", Part = new Newer.Part { Text = "p", Inner = special },
            Parts = new Dictionary<string, Newer.Part> { ["a"] = special, ["b"] = new() { Text = "b" } },
        });

        Assert.Equal(("v", 40, "p", null), (back.Name, back.SizeGiB, back.Part!.Text, back.Pool));
    }

    [Fact]
    public void A_newer_program_reads_what_an_older_one_wrote()
    {
        var back = Upgrade<Older.Volume, Newer.Volume>(_older, _newer, new()
        {
            Name = "v", SizeGiB = 40, Pool = "removed since", Part = new Older.Part { Text = "p" },
        });

        Assert.Equal(("v", 40L, "p"), (back.Name, back.SizeGiB, back.Part!.Text));
        Assert.Equal(("standard", new Newer.Zone("nova", 1.5)), (back.Type, back.Zone));
        Assert.Null(back.First);
    }

    [Fact]
    public void An_object_that_first_stood_in_an_unknown_field_is_read_where_it_stands_again()
    {
        var shared = new Newer.Part { Text = "shared" };

        var back = Upgrade<Newer.Volume, Older.Volume>(_newer, _older,
            new() { Name = "v", First = new Newer.Part { Inner = shared }, Part = shared, Other = shared });

        Assert.Equal("shared", back.Part!.Text);
        Assert.Same(back.Part, back.Other);
    }

    [Fact]
    public void A_type_that_the_reader_lacks_is_an_error_only_where_it_is_used()
    {
        var special = new Newer.SpecialPart { Text = "special" };

        Upgrade<Newer.Volume, Older.Volume>(_newer, _older, new() { Name = "v", First = special });
        var failure = Assert.Throws<CodecException>(() =>
            Upgrade<Newer.Volume, Older.Volume>(_newer, _older, new() { Name = "v", Part = special }));

        Assert.Contains("upgrade.special-part", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_that_the_reader_lacks_still_says_what_happened()
    {
        var back = Upgrade<Exception, Exception>(_newer, _older, new Newer.Failure("It broke."));

        var unknown = Assert.IsType<Orleans.Serialization.UnavailableExceptionFallbackException>(back);
        Assert.Equal(("It broke.", "upgrade.new-failure"), (unknown.Message, unknown.ExceptionType));
        Assert.Equal("Known.", Assert.IsType<Older.Failure>(Upgrade<Exception, Exception>(_older, _older, new Older.Failure("Known.")))
            .Message);
    }

    [Fact]
    public void An_alias_that_two_types_have_cannot_be_used()
    {
        var both = new CodecWorld();

        Assert.Throws<CodecException>(() => both.RoundTrip<object>(new Older.Part()));
        Assert.Equal("p", both.RoundTrip(new Older.Part { Text = "p" }).Text);
    }

    private static TRead Upgrade<TWritten, TRead>(CodecWorld writer, CodecWorld reader, TWritten value) =>
        reader.Serializer.Deserialize<TRead>(writer.Serializer.SerializeToArray(value));

    private static bool IsOf(CodecEntry entry, Type version) => entry.Type.DeclaringType == version;
}
