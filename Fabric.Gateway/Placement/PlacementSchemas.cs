using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Placement;

/// <summary>The forms of placement's bodies, by version (source: <c>placement/schemas</c>).</summary>
internal static class PlacementSchemas
{
    internal const string ClassPattern = "^[A-Z0-9_]+$";
    private const string UuidPattern = "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$";

    private static readonly Schema Name = Schema.Text(1, 200);
    private static readonly Schema Amount = Schema.Integer(1);
    private static readonly Schema Generation = Schema.Integer();

    private static readonly ObjectSchema InventoryRecord = Schema.Object(
        ("resource_provider_generation", Generation),
        ("total", Schema.Integer(1, int.MaxValue)),
        ("reserved", Schema.Integer(0, int.MaxValue)),
        ("min_unit", Schema.Integer(1, int.MaxValue)),
        ("max_unit", Schema.Integer(1, int.MaxValue)),
        ("step_size", Schema.Integer(1, int.MaxValue)),
        ("allocation_ratio", Schema.Number(max: 3.40282e+38))).Require("total");

    private static readonly ObjectSchema OldAllocations = Schema.Object(("allocations", Schema.Array(Schema.Object(
        ("resource_provider", Schema.Object(("uuid", Schema.Uuid)).Require("uuid")),
        ("resources", Schema.Map(Amount, ClassPattern).AtLeast(1))).Require("resource_provider", "resources"), min: 1))).Require(
            "allocations");

    private static readonly ObjectSchema ByProvider = Schema.Map(Schema.Object(
        ("generation", Generation), ("resources", Schema.Map(Amount, ClassPattern).AtLeast(1))).Require("resources"), UuidPattern);

    private static readonly ObjectSchema Allocations12 = Schema.Object(
        ("allocations", ByProvider.AtLeast(1)), ("project_id", Schema.Text(1, 255)), ("user_id", Schema.Text(1, 255)))
        .Require("allocations", "project_id", "user_id");

    private static readonly ObjectSchema Deletable = Allocations12.With(("allocations", ByProvider));

    private static readonly ObjectSchema Allocations28 = Deletable.With(("consumer_generation", Schema.OrNull(Generation)))
        .Require("allocations", "project_id", "user_id", "consumer_generation");

    private static readonly ObjectSchema Allocations34 =
        Allocations28.With(("mappings", Schema.Map(Schema.Array(Schema.Uuid, min: 1), "^[a-zA-Z0-9_-]{0,64}$").AtLeast(1)));

    private static readonly ObjectSchema Allocations38 = Allocations34.With(("consumer_type", Schema.Text(1, 255, ClassPattern)))
        .Require("allocations", "project_id", "user_id", "consumer_generation", "consumer_type");

    internal static readonly BodySchema[] CreateProvider =
    [
        new(null, Schema.Object(("name", Name), ("uuid", Schema.Uuid)).Require("name")),
        new("1.14", Schema.Object(("name", Name), ("uuid", Schema.Uuid), ("parent_provider_uuid", Schema.OrNull(Schema.Uuid))).Require(
            "name")),
    ];

    internal static readonly BodySchema[] UpdateProvider =
    [
        new(null, Schema.Object(("name", Name)).Require("name")),
        new("1.14", Schema.Object(("name", Name), ("parent_provider_uuid", Schema.OrNull(Schema.Uuid))).Require("name")),
    ];

    internal static readonly BodySchema[] Inventories =
    [
        new(null, Schema.Object(("resource_provider_generation", Generation), ("inventories", Schema.Map(InventoryRecord, ClassPattern)))
            .Require("resource_provider_generation", "inventories")),
    ];

    internal static readonly BodySchema[] CreateInventory =
        [new(null, InventoryRecord.With(("resource_class", Schema.Text(1, 255, ClassPattern))).Require("total", "resource_class"))];

    internal static readonly BodySchema[] UpdateInventory = [new(null, InventoryRecord.Require("total", "resource_provider_generation"))];

    internal static readonly BodySchema[] Traits =
    [
        new(null, Schema.Object(("resource_provider_generation", Generation),
            ("traits", Schema.Array(Schema.Text(1, 255, ClassPattern), unique: true)))
            .Require("resource_provider_generation", "traits")),
    ];

    internal static readonly BodySchema[] Aggregates =
    [
        new(null, Schema.Array(Schema.Uuid, unique: true)),
        new("1.19", Schema.Object(("aggregates", Schema.Array(Schema.Uuid, unique: true)), ("resource_provider_generation", Generation))
            .Require("aggregates", "resource_provider_generation")),
    ];

    internal static readonly BodySchema[] CreateClass =
        [new(null, Schema.Object(("name", Schema.Text(1, 255, "^CUSTOM_[A-Z0-9_]+$"))).Require("name"))];

    internal static readonly BodySchema[] Allocations =
    [
        new(null, OldAllocations),
        new("1.8", OldAllocations.With(("project_id", Schema.Text(1, 255)), ("user_id", Schema.Text(1, 255))).Require(
            "allocations", "project_id", "user_id")),
        new("1.12", Allocations12),
        new("1.28", Allocations28),
        new("1.34", Allocations34),
        new("1.38", Allocations38),
    ];

    internal static readonly BodySchema[] ManyAllocations =
    [
        new("1.13", Schema.Map(Deletable, UuidPattern).AtLeast(1)),
        new("1.28", Schema.Map(Allocations28, UuidPattern).AtLeast(1)),
        new("1.34", Schema.Map(Allocations34, UuidPattern).AtLeast(1)),
        new("1.38", Schema.Map(Allocations38, UuidPattern).AtLeast(1)),
    ];

    /// <summary>As <see cref="ManyAllocations"/>, but there may be none.</summary>
    internal static readonly BodySchema[] Reshaper =
    [
        new("1.30", Reshape(Allocations28)),
        new("1.34", Reshape(Allocations34)),
        new("1.38", Reshape(Allocations38)),
    ];

    private static ObjectSchema Reshape(ObjectSchema allocations) => Schema.Object(
        ("inventories", Schema.Map(
            Schema.Object(("resource_provider_generation", Generation), ("inventories", Schema.Map(InventoryRecord, ClassPattern)))
                .Require("resource_provider_generation", "inventories"), UuidPattern).AtLeast(1)),
        ("allocations", Schema.Map(allocations, UuidPattern))).Require("inventories", "allocations");
}
