using System.Globalization;
using Fabric.Gateway.Http;
using Fabric.Grains.Image;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Image;

/// <summary>Turns glance's list parameters into a question to the index.</summary>
internal static class ImageList
{
    /// <summary><c>limit_param_default</c> and <c>api_limit_max</c>.</summary>
    private const int DefaultLimit = 25;
    private const int MaxLimit = 1000;

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "limit", "marker", "sort", "sort_key", "sort_dir", "visibility", "member_status", "owner", "name", "status", "tag", "size_min",
            "size_max",
        "os_hidden", "protected", "id", "created_at", "updated_at",
    };

    internal static async Task<Page<ImageView>> Read(Call call)
    {
        var limit = Limit(call);
        var (key, descending) = Sort(call);
        var inIndex = Enum.TryParse<ResourceSort>(key.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var sort);
        var query = new ResourceQuery(ImageState.Kind)
        {
            Sort = sort,
            Descending = descending,
            Statuses = call.Query("status") is { } status ? In(status) : null,
            Names = call.Query("name") is { } name ? In(name) : null,
            Ids = call.Query("id") is { } id ? In(id) : null,
            Where = Where(call),
            Paging = inIndex ? new Paging(limit, call.Query("marker")) : null,
        };
        foreach (var tag in call.QueryAll("tag"))
            query = query.WithRef("tag", tag!);
        query = Visible(query, call);
        var index = call.Get<IResourceIndex>();
        var states = await index.List<ImageState>(query, call.Aborted);
        var images = states.Select(static state => state.Image!).ToArray();
        if (!inIndex)
            images = Cut(images, key, descending, limit, call.Query("marker"));
        return new(images, images.Length == limit && limit > 0 ? images[^1].Id.Text : null);
    }

    /// <summary>The query of the first page's link: what was asked, without the marker.</summary>
    internal static string QueryWithoutMarker(Call call) => string.Join('&', call.Http.Request.Query
        .Where(static entry => entry.Key != "marker")
        .SelectMany(static entry => entry.Value.Select(value => $"{Uri.EscapeDataString(entry.Key)}={Uri.EscapeDataString(value ?? "")}")));

    private static ResourceQuery Visible(ResourceQuery query, Call call)
    {
        var project = call.Caller.ProjectId?.Text ?? "";
        var memberStatus = call.Query("member_status") ?? "accepted";
        if (memberStatus is not ("pending" or "accepted" or "rejected" or "all"))
            throw Fault.BadRequest($"Invalid status: {memberStatus}");
        string[] shared = memberStatus == "all"
            ? [.. new[] { "pending", "accepted", "rejected" }.Select(each => ImageState.SharedWith(project, each))]
            : [ImageState.SharedWith(project, memberStatus)];
        var own = ImageState.OwnedBy(project);
        var asked = call.Query("visibility");
        if (call.Query("owner") is { } owner)
            query = query with { ProjectId = owner };
        return asked switch
        {
            null => call.Caller.IsAdmin ? query : query.WithRef(ImageState.SeenByRef, ["public", own, .. shared]),
            "all" => call.Caller.IsAdmin ? query : query.WithRef(ImageState.SeenByRef, ["public", "community", own, .. shared]),
            "public" or "community" => query.WithRef(ImageState.SeenByRef, asked),
            "private" => Own(query, call, own, ImageVisibility.Private),
            "shared" => call.Caller.IsAdmin
                ? query.WithRef(ImageState.SeenByRef, "shared")
                : Own(query.WithRef(ImageState.SeenByRef, [own, .. shared]), call, null, ImageVisibility.Shared),
            _ => throw Fault.BadRequest($"Invalid visibility value: {asked}"),
        };
    }

    private static ResourceQuery Own(ResourceQuery query, Call call, string? own, ImageVisibility visibility)
    {
        var before = query.Where;
        if (own is not null && !call.Caller.IsAdmin)
            query = query.WithRef(ImageState.SeenByRef, own);
        return query with { Where = state => ((ImageState)state).Image!.Visibility == visibility && (before is null || before(state)) };
    }

    private static Func<object, bool> Where(Call call)
    {
        var tests = new List<Func<ImageView, bool>>();
        var hidden = Bool(call, "os_hidden") ?? false;
        tests.Add(image => image.Hidden == hidden);
        if (Bool(call, "protected") is { } isProtected)
            tests.Add(image => image.Protected == isProtected);
        if (Size(call, "size_min") is { } min)
            tests.Add(image => image.SizeBytes >= min);
        if (Size(call, "size_max") is { } max)
            tests.Add(image => image.SizeBytes <= max);
        AddTime(tests, call, "created_at", static image => image.CreatedAt);
        AddTime(tests, call, "updated_at", static image => image.UpdatedAt);
        foreach (var (name, values) in call.Http.Request.Query.Where(static entry => !Known.Contains(entry.Key)))
        {
            var wanted = In(values.ToString());
            tests.Add(image => Attribute(image, name) is { } value && wanted.Contains(value));
        }

        return state => tests.TrueForAll(test => test(((ImageState)state).Image!));
    }

    private static string? Attribute(ImageView image, string name) => name switch
    {
        "checksum" => image.Checksum,
        "os_hash_value" => image.Sha512,
        "os_hash_algo" => image.Sha512 is null ? null : "sha512",
        "disk_format" => image.DiskFormat,
        "container_format" => image.ContainerFormat,
        "min_ram" => image.MinRamMiB.ToString(CultureInfo.InvariantCulture),
        "min_disk" => image.MinDiskGiB.ToString(CultureInfo.InvariantCulture),
        "size" => image.SizeBytes?.ToString(CultureInfo.InvariantCulture),
        "virtual_size" => image.VirtualSizeBytes?.ToString(CultureInfo.InvariantCulture),
        _ => image.Properties.GetValueOrDefault(name),
    };

    /// <summary><c>in:a,b</c> is any of these; anything else is itself.</summary>
    private static string[] In(string text) => text.StartsWith("in:", StringComparison.Ordinal)
        ? text[3..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(
            static part => part.Trim('"')).ToArray()
        : [text];

    private static void AddTime(List<Func<ImageView, bool>> tests, Call call, string name, Func<ImageView, DateTimeOffset> time)
    {
        if (call.Query(name) is not { } text)
            return;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var named = colon is 2 or 3 && text[..colon] is "eq" or "neq" or "gt" or "gte" or "lt" or "lte";
        var operation = named ? text[..colon] : "eq";
        if (!DateTimeOffset.TryParse(
            named ? text[(colon + 1)..] : text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var than))
            throw Fault.BadRequest($"Unable to filter on an unknown operator or time: {text}");
        tests.Add(image =>
        {
            var order = Second(time(image)).CompareTo(Second(than));
            return operation switch { "eq" => order == 0, "neq" => order != 0, "gt" => order > 0, "gte" => order >= 0, "lt" =>
                order < 0, _ => order <= 0 };
        });
    }

    private static DateTimeOffset Second(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    private static bool? Bool(Call call, string name) => call.Query(name)?.ToLowerInvariant() switch
    {
        null => null,
        "true" => true,
        "false" => false,
        var other => throw Fault.BadRequest(
            $"Invalid value '{other}' for '{name}' filter. Valid values are case insensitive 'true' or 'false'."),
    };

    private static long? Size(Call call, string name) => call.Query(name) is not { } text
        ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var size) && size >= 0
            ? size
            : throw Fault.BadRequest($"Invalid value '{text}' for '{name}' filter.");

    private static int Limit(Call call)
    {
        if (call.Query("limit") is not { } text)
            return DefaultLimit;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit))
            throw Fault.BadRequest("limit param must be an integer");
        return limit < 0 ? throw Fault.BadRequest("limit param must be positive") : (int)Math.Min(limit, MaxLimit);
    }

    private static (string Key, bool Descending) Sort(Call call)
    {
        var key = call.Query("sort_key") ?? "created_at";
        var direction = call.Query("sort_dir") ?? "desc";
        if (call.Query("sort") is { } sort)
        {
            var parts = sort.Split(',')[0].Split(':');
            key = parts[0];
            direction = parts.Length > 1 ? parts[1] : "desc";
        }

        if (key is not ("name" or "status" or "container_format" or "disk_format" or "size" or "id" or "created_at" or "updated_at"))
        {
            throw Fault.BadRequest($"Invalid sort key: {key}. It must be one of the following: "
                + "name, status, container_format, disk_format, size, id, created_at, updated_at.");
        }

        return direction is "asc" or "desc" ? (key, direction == "desc") : throw Fault.BadRequest($"Invalid sort direction: {direction}");
    }

    private static ImageView[] Cut(ImageView[] images, string key, bool descending, int limit, string? marker)
    {
        var ordered = key == "size"
            ? images.OrderBy(static image => image.SizeBytes ?? -1)
            : images.OrderBy(image => Attribute(image, key) ?? "", StringComparer.Ordinal);
        IEnumerable<ImageView> all = ordered.ThenBy(static image => image.Id.Text, StringComparer.Ordinal);
        if (descending)
            all = all.Reverse();
        if (marker is not null)
        {
            if (!images.Any(image => image.Id.Text == marker))
                throw Fault.BadRequest("MarkerNotFound", $"Invalid marker {marker}: no image of this list has that ID.");
            all = all.SkipWhile(image => image.Id.Text != marker).Skip(1);
        }

        return [.. all.Take(limit)];
    }
}
