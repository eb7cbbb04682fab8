using Fabric.Grains.Identity;
using static Fabric.Grains.Identity.IdentityPolicies;
using Route = Fabric.Gateway.Http.Route;

namespace Fabric.Gateway.Identity;

/// <content>Groups, and roles of users and groups.</content>
internal static partial class IdentityApi
{
    private static Route[] Groups() =>
    [
        new("GET", "/groups", GroupEndpoints.List, ListGroups),
        new("POST", "/groups", GroupEndpoints.Create, CreateGroup) { Body = IdentitySchemas.CreateGroup },
        new("GET", "/groups/{group_id}", GroupEndpoints.Show, GetGroup),
        new("PATCH", "/groups/{group_id}", GroupEndpoints.Update, UpdateGroup) { Body = IdentitySchemas.UpdateGroup },
        new("DELETE", "/groups/{group_id}", GroupEndpoints.Delete, DeleteGroup) { Sought = SoughtFirst.Group },
        new("GET", "/groups/{group_id}/users", GroupEndpoints.Users, ListUsersInGroup),
        new("GET", "/groups/{group_id}/users/{user_id}", GroupEndpoints.CheckUser, CheckUserInGroup),
        new("PUT", "/groups/{group_id}/users/{user_id}", GroupEndpoints.AddUser, AddUserToGroup),
        new("DELETE", "/groups/{group_id}/users/{user_id}", GroupEndpoints.RemoveUser, RemoveUserFromGroup),
        new("GET", "/users/{user_id}/groups", GroupEndpoints.OfUser, ListGroupsForUser),
    ];

    private static Route[] Grants() =>
    [
        .. GrantsTo(AssignmentActor.User, "users/{user_id}"),
        .. GrantsTo(AssignmentActor.Group, "groups/{group_id}"),
    ];

    private static Route[] GrantsTo(AssignmentActor actor, string who) =>
    [
        .. GrantsOn($"/projects/{{project_id}}/{who}/roles", "", new(actor, AssignmentTarget.Project, false)),
        .. GrantsOn($"/domains/{{domain_id}}/{who}/roles", "", new(actor, AssignmentTarget.Domain, false)),
        // Those that the projects below one inherit are set one by one, and listed nowhere but among all assignments.
        .. GrantsOn($"/OS-INHERIT/projects/{{project_id}}/{who}/roles", "/inherited_to_projects",
            new(actor, AssignmentTarget.Project, true)).Skip(1),
        .. GrantsOn($"/OS-INHERIT/domains/{{domain_id}}/{who}/roles", "/inherited_to_projects",
            new(actor, AssignmentTarget.Domain, true)),
        .. SystemGrants($"/system/{who}/roles", actor),
    ];

    private static Route[] GrantsOn(string list, string tail, GrantEndpoints grants)
    {
        var one = list + "/{role_id}" + tail;
        return
        [
            new("GET", list + tail, grants.List, ListGrants) { AskedLater = grants.AskedLater },
            new("GET", one, grants.Check, CheckGrant) { AskedLater = grants.AskedLater },
            new("PUT", one, grants.Create, CreateGrant) { AskedLater = grants.AskedLater },
            new("DELETE", one, grants.Revoke, RevokeGrant) { AskedLater = grants.AskedLater },
        ];
    }

    private static Route[] SystemGrants(string list, AssignmentActor actor)
    {
        var grants = new GrantEndpoints(actor, AssignmentTarget.System, false);
        var user = actor == AssignmentActor.User;
        var one = list + "/{role_id}";
        return
        [
            new("GET", list, grants.List, user ? ListSystemGrants : ListSystemGrantsForGroup) { AskedLater = true },
            new("GET", one, grants.Check, user ? CheckSystemGrant : CheckSystemGrantForGroup) { AskedLater = true },
            new("PUT", one, grants.Create, user ? CreateSystemGrant : CreateSystemGrantForGroup) { AskedLater = true },
            new("DELETE", one, grants.Revoke, user ? RevokeSystemGrant : RevokeSystemGrantForGroup) { AskedLater = true },
        ];
    }
}
