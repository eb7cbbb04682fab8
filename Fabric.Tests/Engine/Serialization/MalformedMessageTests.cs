using Fabric.Engine.Serialization;
using Fabric.Grains.Compute;
using Fabric.Grains.Network;

namespace Fabric.Tests.Engine.Serialization;

/// <summary>Bytes from elsewhere may be anything: they give a value or a <see cref="CodecException"/>, and nothing else.</summary>
public sealed class MalformedMessageTests
{
    private readonly CodecWorld _world = new();

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Random_bytes_are_refused_or_read(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 5_000; round++)
        {
            var bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            Try(bytes, seed);
        }
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Damaged_messages_are_refused_or_read(int seed)
    {
        var random = new Random(seed);
        var whole = Messages(random).ToList();
        for (var round = 0; round < 4_000; round++)
        {
            var bytes = (byte[])whole[random.Next(whole.Count)].Clone();
            for (var damage = random.Next(1, 5); damage > 0 && bytes.Length > 0; damage--)
            {
                var at = random.Next(bytes.Length);
                switch (random.Next(4))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes[at] ^= (byte)(1 << random.Next(8));
                        break;
                    case 2:
                        bytes = bytes[..at];
                        break;
                    default:
                        bytes = [.. bytes[..at], .. bytes[random.Next(bytes.Length)..]];
                        break;
                }
            }

            Try(bytes, seed);
        }
    }

    [Fact]
    public void Counts_and_lengths_beyond_the_message_allocate_nothing()
    {
        // A sequence that claims 2^62 elements, a text that claims 2^31 bytes.
        byte[] huge = [0x09, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f];
        byte[] text = [0x07, 0xff, 0xff, 0xff, 0xff, 0x07];
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<CodecException>(() => _world.Serializer.Deserialize<long[]>(huge));
        Assert.Throws<CodecException>(() => _world.Serializer.Deserialize<List<string>>(huge));
        Assert.Throws<CodecException>(() => _world.Serializer.Deserialize<string>(text));
        Assert.Throws<CodecException>(() => _world.Serializer.Deserialize<byte[]>(text));

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000);
    }

    [Fact]
    public void Nesting_without_end_is_refused_before_the_stack_ends()
    {
        // Objects whose field 4 is an object, sequences of one sequence, types within types.
        Assert.Throws<CodecException>(() => _world.Serializer.Deserialize<Shape>(Enumerable.Repeat((byte)0x48, 1_000_000).ToArray()));
        var sequences = Enumerable.Range(0, 1_000_000).Select(static at => (byte)(at % 2 == 0 ? 0x09 : 0x01)).ToArray();
        Assert.Throws<CodecException>(() => _world.Serializer.Deserialize<Shape>([0x08, 0x79, 0x01, .. sequences]));
        Assert.Throws<CodecException>(() => _world.Serializer.Deserialize<object>(
            [0x0a, .. Enumerable.Range(0, 1_000_000).Select(static at => (byte)(at % 2))]));
    }

    [Fact]
    public void References_cannot_make_a_short_message_a_long_work()
    {
        // A list of lists that all refer to positions which were never objects.
        var bytes = new List<byte> { 0x09, 0xff, 0x7f };
        for (var at = 0; at < 16_383; at++)
            bytes.AddRange([0x0b, 0x00]);

        Assert.Throws<CodecException>(() => _world.Serializer.Deserialize<List<Shape[]>>([.. bytes]));
    }

    [Theory]
    [InlineData("System.Diagnostics.Process")]
    [InlineData("System.IO.FileInfo")]
    [InlineData("Fabric.Engine.SiloRuntime")]
    [InlineData("Fabric.Engine.SiloRuntime, Fabric.Engine")]
    public void A_name_in_a_message_makes_nothing_that_has_no_codec(string name)
    {
        byte[] bytes = [0x0a, (byte)name.Length, .. System.Text.Encoding.UTF8.GetBytes(name), 0x00, 0x08, 0x00];

        var failure = Assert.Throws<CodecException>(() => _world.Messages.ReadObject(new(bytes)));

        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_that_does_not_fit_where_it_stands_is_refused()
    {
        var circle = _world.Serializer.SerializeToArray<object>(new Circle { Radius = 1 });

        Assert.IsType<Circle>(_world.Serializer.Deserialize<Shape>(circle));
        Assert.Throws<CodecException>(() => _world.Serializer.Deserialize<Animal>(circle));
    }

    private void Try(byte[] bytes, int seed)
    {
        try
        {
            _world.Messages.ReadRequest(new(bytes));
        }
        catch (CodecException refused)
        {
            Check(refused, bytes, seed);
        }

        Read<object>(bytes, seed);
        Read<InstanceState>(bytes, seed);
        Read<List<Shape?>>(bytes, seed);
        Read<IReadOnlyDictionary<string, PortState>>(bytes, seed);
        Read<Exception>(bytes, seed);
    }

    private void Read<T>(byte[] bytes, int seed)
    {
        try
        {
            _world.Serializer.Deserialize<T>(bytes);
        }
        catch (CodecException refused)
        {
            Check(refused, bytes, seed);
        }
        catch (Exception other)
        {
            Assert.Fail($"{other.GetType()} for {typeof(T)} from {Convert.ToHexString(bytes)} (seed {seed})");
        }
    }

    /// <summary>What a type refuses is the message's fault; what the codecs trip over is ours.</summary>
    private static void Check(CodecException refused, byte[] bytes, int seed) => Assert.False(
        refused.InnerException is NullReferenceException or IndexOutOfRangeException or InvalidCastException,
        $"{refused.InnerException} from {Convert.ToHexString(bytes)} (seed {seed})");

    private IEnumerable<byte[]> Messages(Random random)
    {
        var samples = new Samples(random, _world);
        var shared = new Shape("shared", 1, 2);
        yield return _world.Serializer.SerializeToArray<object>(new List<object> { shared, shared, new[] { 1, 2 }, (1, "a") });
        yield return _world.Serializer.SerializeToArray<List<Shape>>([shared.Link(shared), new Circle { Radius = 2 }, shared]);
        yield return _world.Serializer.SerializeToArray<Exception>(new AggregateException(new IOException("a"), new CodecFailure("b", 1)));
        for (var at = 0; at < 5; at++)
        {
            yield return _world.Serializer.SerializeToArray((InstanceState)samples.Make(typeof(InstanceState))!);
            yield return _world.Serializer.SerializeToArray((IReadOnlyDictionary<string, PortState>)samples.Make(
                typeof(IReadOnlyDictionary<string, PortState>))!);
        }

        var grain = _world.Reference<IWiredGrain>("wired", "w");
        _ = grain.Join("left", 1, default);
        yield return _world.Bytes(output => _world.Messages.WriteRequest(_world.Sent, output));
        _ = grain.Any(new Dictionary<string, object> { ["a"] = shared, ["b"] = shared });
        yield return _world.Bytes(output => _world.Messages.WriteRequest(_world.Sent, output));
        _ = grain.Echo<IReadOnlyList<Guid?>>([null]);
        yield return _world.Bytes(output => _world.Messages.WriteRequest(_world.Sent, output));
    }
}
