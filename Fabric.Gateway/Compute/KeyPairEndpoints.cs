using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Compute;

namespace Fabric.Gateway.Compute;

/// <summary><c>/os-keypairs</c>. Key pairs are a user's, not a project's.</summary>
internal static class KeyPairEndpoints
{
    private const int MaxPage = 1_000;

    internal static async Task<IResult> List(Call call)
    {
        call.OnlyQueries("user_id", "limit", "marker");
        var all = (await Grain(call, Owner(call)).List()).ToList();
        string? next = null;
        if (call.Microversion >= "2.35")
        {
            var paging = call.Paging(MaxPage);
            if (paging.Marker is { } marker)
            {
                var at = all.FindIndex(pair => pair.Name == marker);
                if (at < 0)
                    throw ComputeFaults.MarkerNotFound(marker);
                all.RemoveRange(0, at + 1);
            }

            all = [.. all.Take(paging.Limit)];
            next = all.Count > 0 && all.Count == paging.Limit ? call.Next("os-keypairs", all[^1].Name) : null;
        }

        return ComputeJson.Reply(json => WriteList(json, all, next, call));
    }

    internal static async Task<IResult> Show(Call call)
    {
        call.OnlyQueries("user_id");
        var owner = Owner(call);
        var pair = await Grain(call, owner).Find(call.Path("name")) ?? throw ComputeFaults.KeyPairNotFound(owner, call.Path("name"));
        return ComputeJson.Reply(json => WriteOne(json, pair, call, () =>
        {
            json.WriteString("user_id", owner.Text);
            json.WriteString("created_at", Wire.Micros(pair.CreatedAt, zulu: false));
            json.WriteBoolean("deleted", false);
            json.WriteNull("deleted_at");
            json.WriteNumber("id", pair.Number);
            json.WriteNull("updated_at");
        }));
    }

    internal static async Task<IResult> Create(Call call)
    {
        var body = call.Body.GetProperty("keypair");
        var owner = call.Microversion >= "2.10" && body.Text("user_id") is { Length: > 0 } other ? Owned(call, other) : call.Caller.UserId;
        var type = body.Text("type") ?? "ssh";
        string? privateKey = null;
        var publicKey = body.Text("public_key");
        if (publicKey is null)
        {
            var now = call.Get<TimeProvider>().GetUtcNow();
            (privateKey, publicKey) = await Task.Run(
                () => type == "x509" ? SshKeys.GenerateCertificate(owner, now) : SshKeys.Generate(), call.Aborted);
        }

        var fingerprint = type == "ssh" ? SshKeys.Fingerprint(publicKey) : SshKeys.CertificateFingerprint(publicKey);
        var limits = call.Caller.ProjectId is { } project
            ? await call.Grains.GetGrain<IComputeProjectGrain>(project.Text).LimitsFor(owner)
            : ComputeQuotas.Over(await call.Get<QuotaClasses>().Limits(ComputeQuotas.DefaultClass, call.Aborted));
        var pair = await Grain(call, owner).Add(body.Text("name")!.Trim(), type, publicKey, fingerprint, limits[ComputeQuotas.KeyPairs]);
        var status = call.Microversion >= "2.2" ? 201 : 200;
        return ComputeJson.Reply(
            json => WriteOne(json, pair, call, () =>
            {
                json.WriteString("user_id", owner.Text);
                if (privateKey is not null)
                    json.WriteString("private_key", privateKey);
            }),
            status);
    }

    internal static async Task<IResult> Delete(Call call)
    {
        call.OnlyQueries("user_id");
        var owner = Owner(call);
        if (!await Grain(call, owner).Remove(call.Path("name")))
            throw ComputeFaults.KeyPairNotFound(owner, call.Path("name"));
        return Reply.Empty(call.Microversion >= "2.2" ? 204 : 202);
    }

    /// <summary>Whose key pairs: another user's only for an administrator, and only since 2.10.</summary>
    private static UserId Owner(Call call) =>
        call.Microversion >= "2.10" && call.Query("user_id") is { Length: > 0 } other ? Owned(call, other) : call.Caller.UserId;

    private static UserId Owned(Call call, string text)
    {
        var owner = new UserId(text);
        return call.Allows(call.Route.Policy, new(UserId: owner)) ? owner : throw call.Service.Faults.Denied(call.Route.Policy);
    }

    private static IKeyPairsGrain Grain(Call call, UserId owner) => call.Grain<IKeyPairsGrain>(owner);

    private static void WriteList(Utf8JsonWriter json, List<KeyPair> pairs, string? next, Call call)
    {
        json.WriteStartObject();
        json.WriteStartArray("keypairs");
        foreach (var pair in pairs)
            WriteOne(json, pair, call, static () => { });
        json.WriteEndArray();
        if (next is not null)
        {
            json.WriteStartArray("keypairs_links");
            json.WriteLink("next", next);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteOne(Utf8JsonWriter json, KeyPair pair, Call call, Action more)
    {
        json.WriteStartObject();
        json.WriteStartObject("keypair");
        json.WriteString("name", pair.Name);
        json.WriteString("public_key", pair.PublicKey);
        json.WriteString("fingerprint", pair.Fingerprint);
        if (call.Microversion >= "2.2")
            json.WriteString("type", pair.Type);
        more();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
