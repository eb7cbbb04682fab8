using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <inheritdoc cref="IKeyPairsGrain"/>
[GrainType("compute.key-pairs")]
internal sealed class KeyPairsGrain([PersistentState(KeyPairsState.Kind)] IPersistentState<KeyPairsState> record, TimeProvider clock)
    : Grain, IKeyPairsGrain
{
    public Task<IReadOnlyList<KeyPair>> List() => Task.FromResult(record.State.KeyPairs);

    public Task<KeyPair?> Find(string name) => Task.FromResult(record.State.KeyPairs.FirstOrDefault(pair => pair.Name == name));

    public async Task<KeyPair> Add(string name, string type, string publicKey, string fingerprint, int most)
    {
        var state = record.State;
        if (state.KeyPairs.Any(pair => pair.Name == name))
            throw Fault.Conflict("KeyPairExists", $"Key pair '{name}' already exists.");
        if (most >= 0 && state.KeyPairs.Count >= most)
            throw Fault.OverQuota("KeypairLimitExceeded", "Maximum number of key pairs exceeded");
        var now = clock.GetUtcNow();
        var added = new KeyPair
        {
            Number = state.LastNumber + 1, Name = name, Type = type, PublicKey = publicKey, Fingerprint = fingerprint, CreatedAt = now,
        };
        await record.Save(state with
        {
            KeyPairs = [.. state.KeyPairs.Append(added).OrderBy(static pair => pair.Name, StringComparer.Ordinal)],
            LastNumber = added.Number,
            CreatedAt = record.RecordExists ? state.CreatedAt : now,
            UpdatedAt = now,
        });
        return added;
    }

    public async Task<bool> Remove(string name)
    {
        var left = record.State.KeyPairs.Where(pair => pair.Name != name).ToArray();
        if (left.Length == record.State.KeyPairs.Count)
            return false;
        await record.Save(record.State with { KeyPairs = left, UpdatedAt = clock.GetUtcNow() });
        return true;
    }
}
