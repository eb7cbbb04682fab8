using System.Globalization;
using System.Reflection;
using System.Text;
using Fabric.Grains.Kernel;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Architecture;

/// <summary>What grains say to each other: written down, versionable, and never copied.</summary>
public sealed class ContractTests
{
    private static readonly Assembly Grains = typeof(Fault).Assembly;

    [Fact]
    public void Every_message_of_a_grain_is_immutable_and_numbered() =>
        Assert.Empty(Messages(Contracts()).SelectMany(Complaints));

    [Fact]
    public void No_two_grains_keep_their_records_under_the_same_kind()
    {
        var kinds = Grains.GetTypes().SelectMany(static type => type.GetConstructors().SelectMany(static one => one.GetParameters()))
            .Select(static parameter => parameter.GetCustomAttribute<PersistentStateAttribute>()?.StateName).OfType<string>().ToArray();
        Assert.True(kinds.Length > 20, $"Only {kinds.Length} kinds of records were found.");
        Assert.Empty(kinds.GroupBy(static kind => kind).Where(static group => group.Count() > 1).Select(static group => group.Key));
    }

    [Fact]
    public void The_contracts_are_as_agreed() => Golden.Match("GrainContracts.txt", Describe());

    [Fact]
    public void No_two_types_have_one_alias() => Assert.Empty(Grains.GetTypes()
        .Where(static type => type.GetCustomAttribute<AliasAttribute>() is not null)
        .GroupBy(static type => type.GetCustomAttribute<AliasAttribute>()!.Alias, StringComparer.Ordinal)
        .Where(static same => same.Count() > 1).Select(static same => $"{same.Key}: {string.Join(", ", same)}"));

    [Fact]
    public void These_rules_see_what_they_look_for()
    {
        Assert.NotEmpty(Complaints(typeof(MutableMessage)));
        Assert.Contains(Complaints(typeof(MutableMessage)), static complaint => complaint.Contains("can be set", StringComparison.Ordinal));
        Assert.Contains(Complaints(typeof(MutableMessage)), static complaint => complaint.Contains("no number", StringComparison.Ordinal));
        Assert.Contains(typeof(Caller), Messages(Contracts()));
    }

    private static IReadOnlyList<Type> Contracts() =>
        [.. Grains.GetTypes().Where(static type => type.IsInterface && type.IsAssignableTo(typeof(IGrain)))
            .OrderBy(static type => type.FullName, StringComparer.Ordinal)];

    /// <summary>Every type of ours that a contract's methods take or give, and what those consist of.</summary>
    private static IReadOnlyList<Type> Messages(IEnumerable<Type> contracts)
    {
        HashSet<Type> found = [];
        foreach (var method in contracts.SelectMany(static contract => contract.GetMethods()))
        {
            Collect(method.ReturnType, found);
            foreach (var parameter in method.GetParameters())
                Collect(parameter.ParameterType, found);
        }

        return [.. found.OrderBy(static type => type.FullName, StringComparer.Ordinal)];
    }

    private static void Collect(Type type, HashSet<Type> found)
    {
        foreach (var argument in type.GenericTypeArguments)
            Collect(argument, found);
        if (type.HasElementType)
            Collect(type.GetElementType()!, found);
        if (type.Assembly != Grains || type.IsEnum || type.IsGenericType || !found.Add(type))
            return;
        foreach (var property in Numbered(type))
            Collect(property.PropertyType, found);
    }

    private static IEnumerable<string> Complaints(Type type)
    {
        if (type.GetCustomAttribute<GenerateSerializerAttribute>() is null)
            yield return $"{type} has no [GenerateSerializer]";
        if (type.GetCustomAttribute<AliasAttribute>() is null)
            yield return $"{type} has no [Alias]";
        if (type.IsAssignableTo(typeof(Exception)))
            yield break;
        if (type.GetCustomAttribute<ImmutableAttribute>() is null)
            yield return $"{type} is not [Immutable]";
        foreach (var property in Properties(type).Where(static one => one.SetMethod is not null))
        {
            if (property.GetCustomAttribute<IdAttribute>() is null)
                yield return $"{type}.{property.Name} has no number";
            if (!IsInit(property.SetMethod!))
                yield return $"{type}.{property.Name} can be set after it was made";
        }

        var numbers = Numbered(type).GroupBy(Number);
        foreach (var twice in numbers.Where(static group => group.Count() > 1))
            yield return $"{type} has the number {twice.Key} twice";
    }

    private static IEnumerable<PropertyInfo> Numbered(Type type) =>
        Properties(type).Where(static one => one.GetCustomAttribute<IdAttribute>() is not null);

    private static PropertyInfo[] Properties(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance);

    private static uint Number(PropertyInfo property) => property.GetCustomAttribute<IdAttribute>()!.Id;

    private static bool IsInit(MethodInfo setter) =>
        setter.ReturnParameter.GetRequiredCustomModifiers().Any(static one => one.Name == "IsExternalInit");

    private static string Describe()
    {
        var text = new StringBuilder("What grains say to each other. A number or an alias that was released never changes its meaning.\n");
        foreach (var contract in Contracts())
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{Alias(contract)} = {contract.FullName}\n");
            foreach (var method in contract.GetMethods().OrderBy(static one => one.ToString(), StringComparer.Ordinal))
            {
                var parameters = string.Join(", ", method.GetParameters().Select(static one => $"{Name(one.ParameterType)} {one.Name}"));
                text.Append(CultureInfo.InvariantCulture, $"  {Alias(method)}({parameters}): {Name(method.ReturnType)}\n");
            }
        }

        foreach (var message in Messages(Contracts()))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{Alias(message)} = {message.FullName}\n");
            foreach (var property in Numbered(message).OrderBy(Number))
                text.Append(CultureInfo.InvariantCulture, $"  {Number(property)} {property.Name}: {Name(property.PropertyType)}\n");
        }

        return text.ToString();
    }

    private static string Alias(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>()?.Alias ?? "-";

    private static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return $"{Name(underlying)}?";
        if (!type.IsGenericType)
            return type.Name;
        var name = type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)];
        return $"{name}<{string.Join(", ", type.GenericTypeArguments.Select(Name))}>";
    }

    /// <summary>Everything that a message must not be.</summary>
    private sealed class MutableMessage
    {
        public string? Text { get; set; }
    }
}
