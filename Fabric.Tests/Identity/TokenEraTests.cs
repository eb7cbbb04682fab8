using Fabric.Grains.Identity.Federation;
using Microsoft.Extensions.Options;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Identity;

public sealed class TokenEraTests
{
    [Fact]
    public async Task However_many_ask_a_database_elsewhere_is_read_once_in_a_while_and_after_each_write_of_ones_own()
    {
        var (index, time) = (new CountedIndex(), new FakeTime());
        var era = new TokenEra(new IdentityIndex(index, time, Options.Create(new FederationOptions())), time);
        for (var i = 0; i < 1000; i++)
            await era.Now(default);
        Assert.Equal(1, index.Reads);

        time.Advance(TokenEra.Oldest);
        index.Now = 7;
        Assert.Equal(7, (await era.Now(default)).Records);
        Assert.Equal(2, index.Reads);

        era.Forget();
        index.Now = 8;
        Assert.Equal(8, (await era.Now(default)).Records);
        await era.Now(default);
        Assert.Equal(3, index.Reads);
    }

    [Fact]
    public async Task Where_versions_are_at_hand_they_are_exact()
    {
        var index = new CountedIndex { VersionsAreAtHand = true };
        var era = new TokenEra(new IdentityIndex(index, TimeProvider.System, Options.Create(new FederationOptions())), new FakeTime());
        var first = await era.Now(default);
        Assert.Same(first, await era.Now(default));
        index.Now = 9;
        Assert.Equal(9, (await era.Now(default)).Records);
    }

    /// <summary>An index that knows versions alone, and counts how often it is asked for those of tokens.</summary>
    private sealed class CountedIndex : IResourceIndex
    {
        internal long Now { get; set; } = 1;
        internal int Reads { get; private set; }
        public bool VersionsAreAtHand { get; init; }

        public ValueTask<long> Version(IReadOnlyList<string> kinds, CancellationToken ct)
        {
            if (ReferenceEquals(kinds, IdentityKinds.Tokens))
                Reads++;
            return new(Now);
        }

        public ValueTask<long> Version(string kind, CancellationToken ct) => new(Now);

        public Task<T?> Find<T>(string kind, string id, CancellationToken ct)
            where T : class => throw new NotSupportedException();

        public Task<IReadOnlyList<T>> List<T>(ResourceQuery query, CancellationToken ct)
            where T : class => throw new NotSupportedException();

        public Task<int> Count(ResourceQuery query, CancellationToken ct) => throw new NotSupportedException();

        public Task<IReadOnlyList<string>> ListIds(ResourceQuery query, CancellationToken ct) => throw new NotSupportedException();

        public Task<(string Kind, string Id)?> FindByUniqueKey(string key, CancellationToken ct) => throw new NotSupportedException();
    }
}
