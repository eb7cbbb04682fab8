using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Fabric.Engine.Serialization;

namespace Fabric.Tests.Engine.Serialization;

[GenerateSerializer]
public class Shape
{
    [Id(0)] public string Name { get; set; } = "unnamed";
    [Id(1)] private int _secret = 1;
    [Id(2)] public readonly long Fixed;
    [Id(3)] public object? Anything;
    [Id(4)] public Shape? Next { get; private protected set; }

    public Shape()
    {
    }

    public Shape(string name, int secret, long fixedNumber) => (Name, _secret, Fixed) = (name, secret, fixedNumber);

    public int Secret => _secret;

    public Shape Link(Shape? next)
    {
        Next = next;
        return this;
    }
}

[GenerateSerializer, Alias("shape.circle")]
public sealed class Circle : Shape
{
    // The same number as in the base: each level of inheritance counts for itself.
    [Id(0)] public required double Radius { get; init; }
}

[GenerateSerializer]
public abstract record Animal([property: Id(0)] string Name);

[GenerateSerializer]
public sealed record Dog(string Name, [property: Id(0)] int Legs) : Animal(Name);

[GenerateSerializer]
public sealed record Positional(int First, string? Second);

[GenerateSerializer]
public struct Mutable
{
    [Id(0)] public int Left;
    [Id(5)] internal string? Right { get; set; }
}

[GenerateSerializer]
public sealed class Box<T>
{
    [Id(0)] public T? Value { get; init; }
    [Id(1)] public List<Box<T>>? Inner { get; init; }
    [Id(40)] public Kind Kind { get; init; } = Kind.Odd;
}

[GenerateSerializer]
public enum Kind : byte
{
    Even,
    Odd,
    Last = 255,
}

[GenerateSerializer]
public struct MailAddressSurrogate
{
    [Id(0)] public string Address;
    [Id(1)] public string Name;
}

[RegisterConverter]
public sealed class MailAddressConverter : IConverter<System.Net.Mail.MailAddress, MailAddressSurrogate>
{
    public System.Net.Mail.MailAddress ConvertFromSurrogate(in MailAddressSurrogate surrogate) => new(surrogate.Address, surrogate.Name);

    public MailAddressSurrogate ConvertToSurrogate(in System.Net.Mail.MailAddress value) =>
        new() { Address = value.Address, Name = value.DisplayName };
}

public interface IAddressableThing : IGrainWithStringKey
{
    Task Do();
}

/// <summary>Types of every shape come back as they were.</summary>
public sealed class ShapeTests
{
    private readonly CodecWorld _world = new();

    [Fact]
    public void Private_readonly_and_public_members_all_travel()
    {
        var back = _world.RoundTrip(new Shape("square", 7, 1L << 40));

        Assert.Equal(("square", 7, 1L << 40), (back.Name, back.Secret, back.Fixed));
    }

    [Fact]
    public void A_derived_type_keeps_its_own_numbers_and_its_type()
    {
        Shape circle = new Circle { Name = "round", Radius = 2.5 };

        var back = Assert.IsType<Circle>(_world.RoundTrip(circle));

        Assert.Equal(("round", 2.5, 1), (back.Name, back.Radius, back.Secret));
    }

    [Fact]
    public void An_abstract_record_is_read_as_what_it_was()
    {
        Animal dog = new Dog("Rex", 4);

        Assert.Equal(dog, _world.RoundTrip(dog));
        Assert.Equal(new Positional(3, null), _world.RoundTrip(new Positional(3, null)));
    }

    [Fact]
    public void Structs_and_generic_types_travel()
    {
        var back = _world.RoundTrip(new Mutable { Left = 3, Right = "r" });
        Assert.Equal((3, "r"), (back.Left, back.Right));
        var box = new Box<Guid?> { Value = Guid.NewGuid(), Inner = [new() { Kind = Kind.Last }], Kind = Kind.Even };
        var unboxed = _world.RoundTrip(box);
        Assert.Equal((box.Value, Kind.Even), (unboxed.Value, unboxed.Kind));
        Assert.Equal((null, Kind.Last), (unboxed.Inner![0].Value, unboxed.Inner[0].Kind));
    }

    [Fact]
    public void A_foreign_type_travels_by_its_converter()
    {
        var back = _world.RoundTrip(new Box<System.Net.Mail.MailAddress> { Value = new("a@b.example", "A"), Inner = [new()] });

        Assert.Equal(("a@b.example", "A"), (back.Value!.Address, back.Value.DisplayName));
        Assert.Null(back.Inner![0].Value);
        Assert.Equal(back.Value, _world.RoundTrip<object>(back.Value));
    }

    [Fact]
    public void One_object_in_two_places_is_one_object_again()
    {
        var shared = new Shape("shared", 1, 1);

        var back = _world.RoundTrip(new List<object?> { shared, shared, new Shape { Anything = shared } });

        Assert.Same(back[0], back[1]);
        Assert.Same(back[0], ((Shape)back[2]!).Anything);
    }

    [Fact]
    public void A_circle_of_objects_closes_again()
    {
        var first = new Shape("first", 1, 1);
        first.Link(new Shape("second", 2, 2).Link(first));
        var list = new List<object>();
        list.Add(list);

        var back = _world.RoundTrip(first);
        var backList = _world.RoundTrip(list);

        Assert.Same(back, back.Next!.Next);
        Assert.Same(backList, backList[0]);
    }

    [Fact]
    public void Many_shared_objects_keep_their_identity()
    {
        var shapes = Enumerable.Range(0, 500).Select(static number => new Shape($"{number}", number, number)).ToArray();

        var back = _world.RoundTrip<Shape[]>([.. shapes, .. shapes]);

        Assert.All(Enumerable.Range(0, 500), at => Assert.Same(back[at], back[at + 500]));
        Assert.Equal(500, back.Distinct().Count());
    }

    [Fact]
    public void Every_kind_of_number_keeps_its_extremes()
    {
        Check(byte.MinValue, byte.MaxValue);
        Check(sbyte.MinValue, sbyte.MaxValue);
        Check(short.MinValue, short.MaxValue);
        Check(ushort.MinValue, ushort.MaxValue);
        Check(int.MinValue, int.MaxValue);
        Check(uint.MinValue, uint.MaxValue);
        Check(long.MinValue, long.MaxValue);
        Check(ulong.MinValue, ulong.MaxValue);
        Check(Int128.MinValue, UInt128.MaxValue);
        Check(float.MinValue, double.MaxValue);
        Check(float.NaN, double.NegativeInfinity);
        Check(decimal.MinValue, 1.10m);
        Check('\0', char.MaxValue);
        Check(true, false);
    }

    [Fact]
    public void Times_keep_their_kind_and_their_offset()
    {
        var local = new DateTime(2024, 2, 29, 1, 2, 3, DateTimeKind.Local);
        Assert.Equal((local, DateTimeKind.Local), (_world.RoundTrip(local), _world.RoundTrip(local).Kind));
        var there = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.FromHours(-9.5));
        Assert.Equal((there, there.Offset), (_world.RoundTrip(there), _world.RoundTrip(there).Offset));
        Check(DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        Check(TimeSpan.MinValue, TimeSpan.MaxValue);
        Check(DateOnly.MaxValue, TimeOnly.MaxValue);
    }

    [Fact]
    public void Collections_of_every_kind_come_back()
    {
        Check(new[] { 1, 2 }, new List<string?> { "a", null });
        Check(new Dictionary<string, int[]> { ["a"] = [1] }, new SortedDictionary<int, string> { [2] = "b", [1] = "a" });
        Check(new HashSet<int> { 3, 4 }, new Queue<int>([1, 2, 3]));
        Assert.Equal<int>([1, 2], _world.RoundTrip(ImmutableArray.Create(1, 2)));
        Check(ImmutableList.Create("x"), ImmutableSortedDictionary<string, int>.Empty.Add("k", 1));
        Check(ImmutableHashSet.Create(1), ImmutableDictionary<string, int>.Empty.Add("k", 1));
        Check((1, "two", (int?)null), Tuple.Create("a", 2L));
        Check(new KeyValuePair<string, int>("k", 1), (byte[])[1, 2, 3]);
        Assert.True(_world.RoundTrip(default(ImmutableArray<int>)).IsDefault);
        Assert.Equal([1, 2, 3], _world.RoundTrip<IEnumerable<int>>(Enumerable.Range(1, 3).Where(static each => each > 0)));
        Assert.Equal(5000, _world.RoundTrip(Enumerable.Range(0, 5000).ToArray())[4999] + 1);
        Assert.Empty(_world.RoundTrip<IReadOnlyDictionary<string, int>>(ImmutableDictionary<string, int>.Empty)!);
    }

    [Fact]
    public void Objects_say_what_they_are()
    {
        foreach (var value in new object?[] { null, 0, "", 1.5f, Guid.Empty, Kind.Even, true, (1, 2), DateTimeOffset.UnixEpoch,
            new Uri("http://example/a?b"), System.Net.IPAddress.IPv6Loopback, GrainId.Create("a", "b/c"), new int?[] { 1, null } })
        {
            var bytes = _world.Bytes(output => _world.Messages.WriteObject(value, output));
            Assert.Equal(value, _world.Messages.ReadObject(new(bytes)));
        }
    }

    [Fact]
    public void A_reference_in_the_place_of_any_object_keeps_its_interface()
    {
        var grain = _world.Reference<IWiredGrain>("wired", "w");

        var back = _world.RoundTrip<object>(new List<object> { grain, _world.Reference<IAddressableThing>("thing", "t") });

        Assert.Equal(grain, Assert.IsAssignableFrom<IWiredGrain>(((List<object>)back)[0]));
        Assert.IsAssignableFrom<IAddressableThing>(((List<object>)back)[1]);
        Assert.Equal(grain, Assert.IsAssignableFrom<IWiredGrain>(_world.RoundTrip<IAddressable>(grain)));
    }

    [Fact]
    public void A_list_that_only_the_compiler_knows_travels_as_an_object()
    {
        IReadOnlyList<int> made = [1, 2, 3];

        Assert.Equal(made, _world.RoundTrip<object>(made));
    }

    [Fact]
    public void Json_travels_as_it_is()
    {
        var json = JsonSerializer.SerializeToElement(new { a = 1.50, b = new object?[] { null, "é" } });

        Assert.True(JsonElement.DeepEquals(json, _world.RoundTrip<JsonElement?>(json)!.Value));
        Assert.Null(_world.RoundTrip<JsonElement?>(null));
        Assert.Equal(JsonValueKind.Undefined, _world.RoundTrip(default(JsonElement)).ValueKind);
    }

    [Fact]
    public void A_message_in_many_pieces_reads_like_one_in_one_piece()
    {
        var bytes = _world.Serializer.SerializeToArray("a text that is cut in the middle");
        Piece first = new(bytes.AsMemory(0, 5), 0);
        var last = first.Append(bytes.AsMemory(5, 1)).Append(bytes.AsMemory(6));

        Assert.Equal("a text that is cut in the middle",
            _world.Serializer.Deserialize<string>(new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length)));
    }

    [Fact]
    public void Nesting_beyond_all_measure_is_refused_by_the_writer()
    {
        var deep = new Shape();
        for (var level = 0; level < 1000; level++)
            deep = new Shape().Link(deep);

        Assert.Throws<CodecException>(() => _world.RoundTrip(deep));
    }

    private void Check<TLeft, TRight>(TLeft left, TRight right)
    {
        Assert.Equal(left, _world.RoundTrip(left));
        Assert.Equal(right, _world.RoundTrip(right));
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        internal Piece(ReadOnlyMemory<byte> memory, long start) => (Memory, RunningIndex) = (memory, start);

        internal Piece Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
