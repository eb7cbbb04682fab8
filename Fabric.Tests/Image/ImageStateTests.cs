using Fabric.Grains.Image;
using Fabric.Grains.Kernel;

namespace Fabric.Tests.Image;

public sealed class ImageStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);
    private static readonly ProjectId Owner = new("a1");
    private static readonly StoredImageData Data = new(10, 20, "m", "s");

    [Fact]
    public void An_upload_makes_a_queued_image_active()
    {
        var state = Queued().BeginUpload("u", Now);
        Assert.Equal(ImageStatus.Saving, state.Image!.Status);
        state = state.CompleteUpload("u", Data, Now);
        Assert.Equal((ImageStatus.Active, 10L, 20L),
            (state.Image!.Status, state.Image.SizeBytes!.Value, state.Image.VirtualSizeBytes!.Value));
        Assert.Null(state.UploadId);
    }

    [Fact]
    public void A_second_upload_meanwhile_is_a_conflict() =>
        Assert.Equal(FaultKind.Conflict, Assert.Throws<Fault>(() => Queued().BeginUpload("u", Now).BeginUpload("v", Now)).Kind);

    [Fact]
    public void Only_the_upload_that_began_may_complete() =>
        Assert.Throws<Fault>(() => Queued().BeginUpload("u", Now).CompleteUpload("v", Data, Now));

    [Fact]
    public void Completing_twice_is_completing_once()
    {
        var state = Queued().BeginUpload("u", Now).CompleteUpload("u", Data, Now);
        Assert.Same(state, state.CompleteUpload("u", Data, Now));
    }

    [Fact]
    public void An_abandoned_upload_can_be_tried_again()
    {
        var state = Queued().BeginUpload("u", Now).AbandonUpload("u", Now);
        Assert.Equal(ImageStatus.Queued, state.Image!.Status);
        Assert.Equal(ImageStatus.Saving, state.BeginUpload("v", Now).Image!.Status);
    }

    [Fact]
    public void Abandoning_an_upload_that_is_not_under_way_changes_nothing()
    {
        var state = Queued().BeginUpload("u", Now);
        Assert.Same(state, state.AbandonUpload("v", Now));
    }

    [Fact]
    public void A_queued_image_cannot_be_deactivated() => Assert.Throws<Fault>(() => Queued().SetActive(false, Now));

    [Theory]
    [InlineData(ImageVisibility.Private, false)]
    [InlineData(ImageVisibility.Shared, false)]
    [InlineData(ImageVisibility.Public, true)]
    [InlineData(ImageVisibility.Community, true)]
    public void A_stranger_sees_what_is_public_or_community(ImageVisibility visibility, bool seen) =>
        Assert.Equal(seen, (Queued() with { Image = Queued().Image! with { Visibility = visibility } }).IsVisibleTo(CallerOf("b2")));

    [Fact]
    public void A_member_sees_a_shared_image_but_not_one_made_private()
    {
        var image = Queued().Image! with { Visibility = ImageVisibility.Shared, Members = [new(new("b2"), "pending", Now, Now)] };
        Assert.True(new ImageState { Image = image }.IsVisibleTo(CallerOf("b2")));
        Assert.False(new ImageState { Image = image with { Visibility = ImageVisibility.Private } }.IsVisibleTo(CallerOf("b2")));
    }

    [Fact]
    public void What_a_user_cannot_change_stays_through_an_update()
    {
        var state = Queued().BeginUpload("u", Now).CompleteUpload("u", Data, Now);
        var wanted = state.Image!
            with { Name = "new", SizeBytes = 999, Status = ImageStatus.Killed, Sha512 = "other", CreatedAt = default };
        var updated = state.Update(wanted, Now).Image!;
        Assert.Equal(("new", 10L, ImageStatus.Active, "s", Now),
            (updated.Name, updated.SizeBytes, updated.Status, updated.Sha512, updated.CreatedAt));
    }

    private static ImageState Queued() => new()
    {
        Image = new()
        {
            Id = ImageId.New(),
            Status = ImageStatus.Queued,
            Visibility = ImageVisibility.Shared,
            Owner = Owner,
            CreatedAt = Now,
            UpdatedAt = Now,
        },
    };

    private static Caller CallerOf(string project) => new()
    {
        UserId = new("u"),
        UserName = "u",
        UserDomainId = new("default"),
        ProjectId = new(project),
        Roles = ["member", "reader"],
    };
}
