using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Credentials;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Identity.OAuth;

/// <summary><c>/OS-OAUTH1/consumers</c> (source: <c>keystone/api/os_oauth1.py</c>).</summary>
internal static class ConsumerEndpoints
{
    private const int MostLetters = 64;

    private static readonly string[] Known = ["description", "secret"];

    internal static async Task<IResult> Create(Call call)
    {
        var body = IdentityBody.Of(call, "consumer");
        var (id, secret) = (ResourceIdText.NewHex(), ResourceIdText.NewHex());
        var made = await call.Grains.GetGrain<IConsumerGrain>(id).Create(new()
        {
            Id = id,
            Secret = call.Get<CredentialVault>().Seal(secret),
            Description = RequireLength(body.Text("description")),
            Extra = body.Extra(Known),
        });
        var shown = Body(made, call);
        shown["secret"] = secret;
        return IdentityReplies.Member("consumer", shown, 201);
    }

    internal static async Task<IResult> List(Call call)
    {
        var found = await call.Get<IResourceIndex>().List<ConsumerState>(new(IdentityKinds.Consumer) { Descending = false }, call.Aborted);
        return IdentityReplies.List(call, "consumers", found.Select(consumer => Body(consumer, call)));
    }

    internal static async Task<IResult> Show(Call call) =>
        IdentityReplies.Member("consumer", Body(await Find(call, call.Path("consumer_id")), call));

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, "consumer");
        var consumer = await Find(call, call.Path("consumer_id"));
        body.RequireId(consumer.Id);
        var description = body.Has("description") ? RequireLength(body.Text("description")) : consumer.Description;
        var changed = await call.Grains.GetGrain<IConsumerGrain>(consumer.Id).Update(description, body.Extra(Known));
        return IdentityReplies.Member("consumer", Body(changed, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Get<DelegationRemoval>().EndConsumer((await Find(call, call.Path("consumer_id"))).Id, call.Aborted);
        return Reply.Empty();
    }

    private static string? RequireLength(string? description) =>
        description?.Length > MostLetters ? throw IdentityFaults.TooLong(description, "description", MostLetters) : description;

    internal static async Task<ConsumerState> Find(Call call, string id) =>
        await call.Get<IdentityIndex>().FindConsumer(id, call.Aborted) ?? throw Fault.NotFound("Consumer not found");

    private static Dictionary<string, object?> Body(ConsumerState consumer, Call call) => new Dictionary<string, object?>
    {
        ["id"] = consumer.Id,
        ["description"] = consumer.Description,
        ["links"] = IdentityReplies.SelfLink(call, "OS-OAUTH1/consumers", consumer.Id),
    }.WithExtra(consumer.Extra);
}
