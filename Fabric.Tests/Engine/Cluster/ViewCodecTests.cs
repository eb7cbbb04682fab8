using System.Buffers;
using System.Net;
using Fabric.Engine;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Fabric.Tests.Engine.Cluster;

public sealed class ViewCodecTests
{
    [Fact]
    public void A_member_may_have_a_tag_for_each_of_thousands_of_nodes()
    {
        var tags = Enumerable.Range(0, 10_000).ToDictionary(static number => $"node/{number}", static number => $"{number}");
        var output = new ArrayBufferWriter<byte>();
        ViewCodec.Write(output, View(tags));
        var reader = new WireReader(output.WrittenMemory);
        var read = ViewCodec.Read(ref reader);
        Assert.Equal(new MembershipVersion(7), read.Version);
        Assert.Equal(tags, read.Members.Single().Metadata.Metadata);
        Assert.True(reader.Rest.IsEmpty);
    }

    [Fact]
    public void More_tags_than_the_message_can_hold_are_refused_before_they_are_read()
    {
        var output = new ArrayBufferWriter<byte>();
        ViewCodec.Write(output, View(new Dictionary<string, string>()));
        // The number of tags is the last that such a view says.
        var lie = new ArrayBufferWriter<byte>();
        lie.Write(output.WrittenSpan[..^1]);
        Wire.Varint(lie, int.MaxValue);
        Assert.Throws<WireException>(() =>
        {
            var reader = new WireReader(lie.WrittenMemory);
            return ViewCodec.Read(ref reader);
        });
    }

    private static MembershipView View(Dictionary<string, string> tags)
    {
        var metadata = new SiloMetadata();
        metadata.AddMetadata(tags);
        var address = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 4000), 1);
        return new(new MembershipVersion(7), [new SiloMember(address, SiloStatus.Active, metadata, "node")]);
    }
}
