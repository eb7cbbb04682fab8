using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Fabric.Tests.Engine;

/// <summary>
/// The public types and members of an assembly as text, read from metadata: nothing of it is loaded, so its references need not exist.
/// </summary>
internal sealed class PublicSurface
{
    private readonly Dictionary<string, SurfaceType> _types = [];

    private PublicSurface(MetadataReader metadata)
    {
        foreach (var handle in metadata.TypeDefinitions)
        {
            var type = metadata.GetTypeDefinition(handle);
            if ((type.Attributes & TypeAttributes.VisibilityMask) is TypeAttributes.Public or TypeAttributes.NestedPublic)
            {
                var read = Read(metadata, handle, type);
                _types[read.Name] = read;
            }
        }
    }

    internal IReadOnlyDictionary<string, SurfaceType> Types => _types;

    internal static PublicSurface Of(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        return new PublicSurface(file.GetMetadataReader());
    }

    private static SurfaceType Read(MetadataReader metadata, TypeDefinitionHandle handle, TypeDefinition type)
    {
        var names = new TypeNames();
        var context = type.GetGenericParameters().Select(each => "!" + metadata.GetGenericParameter(each).Index).ToArray();
        var bases = type.GetInterfaceImplementations()
            .Select(each => names.Of(metadata, metadata.GetInterfaceImplementation(each).Interface, context));
        var members = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var each in type.GetMethods().Select(metadata.GetMethodDefinition))
        {
            if (!IsVisible(each.Attributes))
                continue;
            var signature = each.DecodeSignature(names, context);
            var generic = signature.GenericParameterCount > 0 ? $"`{signature.GenericParameterCount}" : "";
            var kind = (each.Attributes & MethodAttributes.Static) != 0 ? "static "
                : (each.Attributes & (MethodAttributes.Virtual | MethodAttributes.Final)) == MethodAttributes.Virtual ? "virtual " : "";
            var parameters = string.Join(", ", signature.ParameterTypes);
            members.Add($"{kind}{signature.ReturnType} {metadata.GetString(each.Name)}{generic}({parameters})");
        }

        foreach (var each in type.GetFields().Select(metadata.GetFieldDefinition))
        {
            if ((each.Attributes & FieldAttributes.FieldAccessMask) == FieldAttributes.Public)
                members.Add($"field {each.DecodeSignature(names, context)} {metadata.GetString(each.Name)}{Constant(metadata, each)}");
        }

        return new SurfaceType(names.GetTypeFromDefinition(metadata, handle, 0), Shape(type.Attributes),
            names.Of(metadata, type.BaseType, context),
            [.. bases], members);
    }

    private static string Constant(MetadataReader metadata, FieldDefinition field)
    {
        if (field.GetDefaultValue() is not { IsNil: false } handle)
            return "";
        var constant = metadata.GetConstant(handle);
        return $" = {metadata.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode)}";
    }

    private static bool IsVisible(MethodAttributes attributes) =>
        (attributes & MethodAttributes.MemberAccessMask) is MethodAttributes.Public
        or MethodAttributes.Family or MethodAttributes.FamORAssem;

    private static string Shape(TypeAttributes attributes)
    {
        if ((attributes & TypeAttributes.Interface) != 0)
            return "interface";
        var isAbstract = (attributes & TypeAttributes.Abstract) != 0;
        var isSealed = (attributes & TypeAttributes.Sealed) != 0;
        return (isAbstract, isSealed) switch { (true, true) => "static", (true, false) => "abstract", (false, true) => "sealed", _ =>
            "open" };
    }

    private sealed class TypeNames : ISignatureTypeProvider<string, string[]>
    {
        internal string Of(MetadataReader metadata, EntityHandle handle, string[] context) => handle.Kind switch
        {
            _ when handle.IsNil => "",
            HandleKind.TypeReference => GetTypeFromReference(metadata, (TypeReferenceHandle)handle, 0),
            HandleKind.TypeDefinition => GetTypeFromDefinition(metadata, (TypeDefinitionHandle)handle, 0),
            _ => metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, context),
        };

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

        public string GetByReferenceType(string elementType) => elementType + "&";

        public string GetFunctionPointerType(MethodSignature<string> signature) => "function pointer";

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
            $"{genericType}<{string.Join(",", typeArguments)}>";

        public string GetGenericMethodParameter(string[] genericContext, int index) => $"!!{index}";

        public string GetGenericTypeParameter(string[] genericContext, int index) => $"!{index}";

        // Modifiers mark init accessors and the like; they do not change what a caller writes.
        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetPinnedType(string elementType) => elementType;

        public string GetPointerType(string elementType) => elementType + "*";

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeDefinition(handle);
            var name = reader.GetString(type.Name);
            return type.IsNested
                ? GetTypeFromDefinition(reader, type.GetDeclaringType(), 0) + "+" + name
                : reader.GetString(type.Namespace) + "." + name;
        }

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeReference(handle);
            var name = reader.GetString(type.Name);
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0) + "+" + name
                : reader.GetString(type.Namespace) + "." + name;
        }

        public string GetTypeFromSpecification(MetadataReader reader, string[] genericContext, TypeSpecificationHandle handle,
            byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
    }
}

/// <summary>One public type: what it is, what it derives from, and its visible members.</summary>
internal sealed record SurfaceType(string Name, string Shape, string Base, string[] Interfaces, IReadOnlySet<string> Members);
