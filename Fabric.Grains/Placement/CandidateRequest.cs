using Fabric.Grains.Kernel;

namespace Fabric.Grains.Placement;

/// <summary>One request group: resources that belong together, and what their providers must be. The group without suffix may be spread
/// over the providers of a tree and those that share with it; a group with one comes from a single provider.</summary>
public sealed record RequestGroup
{
    /// <summary>What tells it apart; empty for the group that may be spread.</summary>
    public required string Suffix { get; init; }

    /// <summary>Amount by resource class. May be empty for a group that only names a provider for <c>same_subtree</c>.</summary>
    public IReadOnlyDictionary<string, long> Resources { get; init; } = new Dictionary<string, long>();

    /// <summary>One trait of each of these.</summary>
    public IReadOnlyList<IReadOnlyList<string>> RequiredAnyOf { get; init; } = [];
    public IReadOnlyList<string> Forbidden { get; init; } = [];

    /// <summary>One aggregate of each of these.</summary>
    public IReadOnlyList<IReadOnlyList<string>> MemberOfAnyOf { get; init; } = [];
    public IReadOnlyList<string> NotMemberOf { get; init; } = [];

    /// <summary>Only from the tree that this provider is in.</summary>
    public ResourceProviderId? InTree { get; init; }

    /// <summary>Whether one provider must give it all.</summary>
    public bool SameProvider => Suffix.Length > 0;
}

/// <summary>A question for allocation candidates.</summary>
public sealed record CandidateRequest
{
    /// <summary>Every one of these must be met by each candidate.</summary>
    public required IReadOnlyList<RequestGroup> Groups { get; init; }

    /// <summary>Groups with a suffix must each have a provider of their own (<c>group_policy=isolate</c>).</summary>
    public bool Isolate { get; init; }

    /// <summary>Traits the root of the tree must have.</summary>
    public IReadOnlyList<string> RootRequired { get; init; } = [];
    public IReadOnlyList<string> RootForbidden { get; init; } = [];

    /// <summary>Suffixes of groups whose providers must all stand below one of them.</summary>
    public IReadOnlyList<IReadOnlyList<string>> SameSubtrees { get; init; } = [];

    /// <summary>At most so many candidates.</summary>
    public int Limit { get; init; } = int.MaxValue;

    /// <summary>False for callers from before trees (1.29): a candidate takes from one provider of a tree only.</summary>
    public bool NestedAware { get; init; } = true;
}

/// <summary>One way to meet a request: what to take of whom, and which group each provider serves.</summary>
public sealed record Candidate(
    IReadOnlyDictionary<ResourceProviderId, IReadOnlyDictionary<string, long>> Allocations,
    IReadOnlyDictionary<string, IReadOnlyList<ResourceProviderId>> Mappings);

/// <summary>Candidates, and all providers of the trees they take from.</summary>
public sealed record Candidates(IReadOnlyList<Candidate> Requests, IReadOnlyList<ProviderView> Providers);
