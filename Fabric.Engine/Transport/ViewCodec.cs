using System.Buffers;
using System.Collections.Immutable;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Fabric.Engine;

/// <summary>Membership views in messages.</summary>
internal static class ViewCodec
{
    private const int MaxMembers = 10_000;

    internal static void Write(IBufferWriter<byte> output, MembershipView view)
    {
        Wire.Varint(output, (ulong)view.Version.Value);
        Wire.Varint(output, (ulong)view.Members.Length);
        foreach (var member in view.Members)
        {
            Wire.Text(output, member.Address.ToParsableString());
            Wire.Byte(output, (byte)member.Status);
            Wire.Text(output, member.Name);
            Wire.Varint(output, (ulong)member.Metadata.Metadata.Count);
            foreach (var (key, value) in member.Metadata.Metadata)
            {
                Wire.Text(output, key);
                Wire.Text(output, value);
            }
        }
    }

    internal static MembershipView Read(ref WireReader reader)
    {
        var version = new MembershipVersion((long)reader.Varint());
        var members = ImmutableArray.CreateBuilder<SiloMember>();
        var count = reader.Length(MaxMembers);
        for (var index = 0; index < count; index++)
        {
            var address = WireAddress.Parse(reader.Text());
            var status = (SiloStatus)reader.Byte();
            if (!Enum.IsDefined(status))
                throw new WireException("A member of no status.");
            var name = reader.Text();
            var tags = new Dictionary<string, string>(StringComparer.Ordinal);
            // A process has a tag for each node that lives in it, and there may be thousands; the message must hold as many as it says.
            var tagCount = reader.Length(reader.Rest.Length / 2);
            for (var tag = 0; tag < tagCount; tag++)
            {
                var key = reader.Text();
                tags[key] = reader.Text();
            }

            var metadata = new SiloMetadata();
            metadata.AddMetadata(tags);
            members.Add(new SiloMember(address, status, metadata, name));
        }

        return new MembershipView(version, members.ToImmutable());
    }
}
