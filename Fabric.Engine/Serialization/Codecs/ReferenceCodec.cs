using Fabric.Engine.CodeGeneration;
using Orleans;
using Orleans.Runtime;

namespace Fabric.Engine.Serialization;

/// <summary>
/// A grain or observer: its id and the interface it was known by. It is read as the declared interface, whatever the interface was: a
/// reference is a value, and what its target can do shows when it is called.
/// </summary>
internal sealed class ReferenceCodec<T> : Codec<T?> where T : class
{
    public override void Write(ref MessageWriter writer, uint delta, T? value)
    {
        if (value is null)
        {
            writer.WriteHeader(delta, WireKind.Default);
            return;
        }

        var reference = value switch
        {
            GrainReference already => already,
            // A grain that passes itself passes its reference.
            IGrainBase grain => grain.GrainContext.GrainReference,
            _ => throw new CodecException($"A {value.GetType()} is no reference: make one with CreateObjectReference."),
        };
        writer.Begin(delta);
        writer.Write(0, reference.GrainId.Type.ToString());
        writer.Write(1, reference.GrainId.Key.ToString());
        writer.Write(1, reference.InterfaceType.IsDefault ? null : reference.InterfaceType.ToString());
        writer.End();
    }

    public override T? Read(ref MessageReader reader, WireKind kind)
    {
        if (kind == WireKind.Default)
            return null;
        if (kind != WireKind.Object)
            throw reader.Unexpected(kind);
        var (type, key, interfaceId) = ("", "", (string?)null);
        reader.Enter();
        uint id = 0;
        WireKind each;
        while (reader.NextField(ref id, out each))
        {
            switch (id)
            {
                case 0:
                    type = reader.ReadString(each) ?? "";
                    break;
                case 1:
                    key = reader.ReadString(each) ?? "";
                    break;
                case 2:
                    interfaceId = reader.ReadString(each);
                    break;
                default:
                    reader.Skip(each);
                    break;
            }
        }

        if (each == WireKind.EndBase)
            reader.SkipFields();
        reader.Leave();
        return Make(reader.Codecs.Host, GrainId.Create(type, key), interfaceId);
    }

    private static T Make(IGrainReferenceHost host, GrainId grainId, string? interfaceId)
    {
        var interfaceType = interfaceId is null ? default : GrainInterfaceType.Create(interfaceId);
        // Declared as any grain: the interface that the sender knew it by, if it is known here.
        var reference = BuiltInCodecs.SaysNothing(typeof(T))
            ? host.Find(grainId, interfaceType)
            : host.Cast(new GrainReference(host, grainId, interfaceType), typeof(T));
        return reference as T ?? throw new CodecException($"{grainId} cannot be referred to as {typeof(T)}.");
    }
}
