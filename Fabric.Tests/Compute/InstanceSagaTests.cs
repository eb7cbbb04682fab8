using Fabric.Grains.Compute;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Compute;

/// <summary>Every workflow against everything that can come between its steps.</summary>
public sealed class InstanceSagaTests : IAsyncLifetime
{
    private Cloud cloud = null!;
    private ComputeClient compute = null!;
    private string server = "";

    public async Task InitializeAsync()
    {
        cloud = await Cloud.Start(nodes: 2);
        compute = await ComputeClient.Of(cloud, await cloud.Http("admin"));
    }

    public async Task DisposeAsync() => await cloud.DisposeAsync();

    [Fact]
    public Task A_build_leaves_a_running_server_or_nothing() => cloud.Sagas.Exhaust<BuildInstanceSaga, BuildInstance>(
        arrange: async () => server = await compute.Create("trial"),
        cleanSlate: compute.NothingIsLeft,
        remove: async () =>
        {
            await Rests();
            await compute.Delete(server);
        });

    [Fact]
    public Task A_deletion_leaves_nothing() => cloud.Sagas.Exhaust<DeleteInstanceSaga, DeleteInstance>(
        arrange: async () =>
        {
            server = await compute.Boot("trial");
            (await compute.Send("DELETE", "/servers/" + server)).EnsureSuccessStatusCode();
        },
        cleanSlate: static () => Task.CompletedTask,
        remove: async () =>
        {
            // Where the trial made it fail, the server is in error and a second request ends it.
            await Eventually.True(async () => await Find() is null or { TaskState: TaskState.None }, "the deletion rests");
            await compute.Delete(server);
            await compute.NothingIsLeft();
        });

    [Fact]
    public async Task A_stop_and_a_start_end_where_they_should()
    {
        server = await compute.Boot("trial");
        await cloud.Sagas.Exhaust<StopInstanceSaga, PowerInstance>(
            arrange: () => Act("os-stop"), cleanSlate: Rests, remove: async () => await Ends(VmState.Active, "os-start"));
        await Ends(VmState.Stopped, "os-stop");
        await cloud.Sagas.Exhaust<StartInstanceSaga, PowerInstance>(
            arrange: () => Act("os-start"), cleanSlate: Rests, remove: async () => await Ends(VmState.Stopped, "os-stop"));
    }

    [Fact]
    public async Task A_pause_and_its_end_end_where_they_should()
    {
        server = await compute.Boot("trial");
        await cloud.Sagas.Exhaust<PauseInstanceSaga, PowerInstance>(
            arrange: () => Act("pause"), cleanSlate: Rests, remove: () => Comes(VmState.Active, "unpause"));
        await Comes(VmState.Paused, "pause");
        await cloud.Sagas.Exhaust<UnpauseInstanceSaga, PowerInstance>(
            arrange: () => Act("unpause"), cleanSlate: Rests, remove: () => Comes(VmState.Paused, "pause"));
    }

    [Fact]
    public async Task A_suspension_and_its_end_end_where_they_should()
    {
        server = await compute.Boot("trial");
        await cloud.Sagas.Exhaust<SuspendInstanceSaga, PowerInstance>(
            arrange: () => Act("suspend"), cleanSlate: Rests, remove: () => Comes(VmState.Active, "resume"));
        await Comes(VmState.Suspended, "suspend");
        await cloud.Sagas.Exhaust<ResumeInstanceSaga, PowerInstance>(
            arrange: () => Act("resume"), cleanSlate: Rests, remove: () => Comes(VmState.Suspended, "suspend"));
    }

    [Fact]
    public async Task A_reboot_that_is_repeated_restarts_once()
    {
        server = await compute.Boot("trial");
        await cloud.Sagas.Exhaust<RebootInstanceSaga, PowerInstance>(
            arrange: async () => await compute.Do(202, "POST", $"/servers/{server}/action", new { reboot = new { type = "HARD" } }),
            cleanSlate: Rests,
            remove: Rests);
    }

    [Fact]
    public async Task A_build_that_was_written_but_not_begun_is_found_and_begun()
    {
        // As if the process had died between the two writes: the record is there, its saga is not.
        var id = InstanceId.New();
        server = id.Text;
        var caller = (await Find(await compute.Boot("model")))!;
        var lost = caller with
        {
            Id = id,
            VmState = VmState.Building,
            TaskState = TaskState.Scheduling,
            NodeName = null,
            LaunchedAt = null,
            UpdatedAt = caller.UpdatedAt - TimeSpan.FromHours(1),
        };
        await Records.Write(cloud, InstanceState.Kind, server, lost with { SagaId = lost.SagaIdFor() });
        var reconciler = (InstanceReconciler)cloud.Services.GetService(typeof(InstanceReconciler))!;
        Assert.Equal(1, await reconciler.Run(default));
        await compute.Reaches(server, "ACTIVE");
        Assert.Equal(0, await reconciler.Run(default));
    }

    [Fact]
    public async Task The_administrators_password_is_kept_no_longer_than_the_build_takes()
    {
        server = await compute.Boot("secret", ("config_drive", true), ("adminPass", "Tr0ub4dor"));
        Assert.Null((await Find())!.AdminPassword);

        // Without a config drive there is no way in for it, so it is not even written down.
        server = await compute.Create("open", ("adminPass", "Tr0ub4dor"));
        Assert.Null((await Find())!.AdminPassword);
    }

    [Fact]
    public async Task A_server_deleted_while_it_is_built_leaves_nothing()
    {
        for (var i = 0; i < 10; i++)
        {
            server = await compute.Create($"short-{i}");
            await compute.Delete(server);
        }

        await compute.NothingIsLeft();
    }

    [Fact]
    public async Task A_crash_in_the_middle_of_boots_and_deletions_is_made_good()
    {
        var kept = await compute.Boot("kept");
        var gone = await compute.Boot("gone");
        (await compute.Send("DELETE", "/servers/" + gone)).EnsureSuccessStatusCode();
        var late = await compute.Create("late");
        await cloud.Crash();
        compute = compute.As(await cloud.Http("admin"));
        await compute.Reaches(kept, "ACTIVE");
        await compute.Reaches(late, "ACTIVE");
        await compute.Gone(gone);
        await Eventually.True(async () => (await compute.Guests()).Count == 2, "the guests of the two servers, and no other");
    }

    private Task<InstanceState?> Find(string? id = null) => cloud.Index.Find<InstanceState>(InstanceState.Kind, id ?? server, default);

    private Task Rests() => Eventually.True(async () => await Find() is { TaskState: TaskState.None }, $"server {server} rests");

    private async Task Act(string action)
    {
        await Rests();
        await compute.Do(202, "POST", $"/servers/{server}/action", new Dictionary<string, object?> { [action] = null });
    }

    /// <summary>Brings the server to a state, unless it is there.</summary>
    private async Task Comes(VmState state, string action)
    {
        await Rests();
        if ((await Find())!.VmState != state)
            await Act(action);
        await Eventually.True(async () => await Find() is { TaskState: TaskState.None } rests && rests.VmState == state, $"it is {state}");
    }

    /// <summary>Brings the server to a state, from wherever it is.</summary>
    private async Task Ends(VmState state, string action)
    {
        await Rests();

        // Where the trial failed after the guest had changed, the node's next report tells the record.
        await compute.Report();
        if ((await Find())!.VmState != state)
            await Act(action);
        await Eventually.True(async () => await Find() is { TaskState: TaskState.None } rests && rests.VmState == state, $"it is {state}");
        var guest = (await compute.Guests()).Single();
        Assert.Equal(state == VmState.Active ? PowerState.Running : PowerState.Shutdown, guest.Power);
    }
}

/// <summary>Writes records past their grains, as an earlier process would have left them.</summary>
internal static class Records
{
    internal static Task Write<T>(Cloud cloud, string kind, string id, T record)
    {
        var storage = (Fabric.Grains.Storage.RecordGrainStorage)cloud.Services.GetService(
            typeof(Fabric.Grains.Storage.RecordGrainStorage))!;
        return storage.WriteStateAsync(kind, GrainId.Create("test", id), new GrainState<T> { State = record });
    }
}
