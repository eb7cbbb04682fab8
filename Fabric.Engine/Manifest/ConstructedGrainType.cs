using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// The names of constructed generic grain classes: <c>name`1[[Type, Assembly]]</c>, from which any silo finds the class again.
/// </summary>
internal static class ConstructedGrainType
{
    internal static GrainType Name(Type constructed)
    {
        var arguments = constructed.GetGenericArguments().Select(argument => $"[{argument.FullName}, {argument.Assembly.GetName().Name}]");
        return GrainType.Create($"{GrainTypes.NameOf(constructed.GetGenericTypeDefinition())}[{string.Join(",", arguments)}]");
    }

    internal static Type? Parse(GrainType name, IEnumerable<Type> classes)
    {
        var text = name.ToString();
        var bracket = text.IndexOf('[', StringComparison.Ordinal);
        if (bracket < 0 || !text.EndsWith("]]", StringComparison.Ordinal))
            return null;
        var open = classes.FirstOrDefault(type => type.IsGenericTypeDefinition && GrainTypes.NameOf(type).ToString() == text[..bracket]);
        if (open is null)
            return null;
        var arguments = text[(bracket + 2)..^2].Split("],[").Select(argument => Type.GetType(argument, throwOnError: false)).ToArray();
        return Array.Exists(arguments, argument => argument is null) ? null : open.MakeGenericType(arguments!);
    }
}
