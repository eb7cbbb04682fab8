using Fabric.Grains.Kernel;
using static Fabric.Tests.Policy.Callers;

namespace Fabric.Tests.Policy;

/// <summary>What each word of the rules' language means, and what comes of rules that make no sense.</summary>
public sealed class PolicyLanguageTests
{
    private static readonly Caller Member = On("p", "member", "Reader");

    private static readonly PolicyTarget Own = new(new ProjectId("p"), new UserId("me"), new UserDomainId("home"));

    [Theory]
    [InlineData("", true)]
    [InlineData("@", true)]
    [InlineData("!", false)]
    [InlineData("   ", false)]
    [InlineData("role:MEMBER", true)]
    [InlineData("role:admin", false)]
    [InlineData("roles:Reader", true)]
    [InlineData("roles:reader", false)]
    [InlineData("project_id:%(project_id)s", true)]
    [InlineData("tenant:%(tenant_id)s", false)]
    [InlineData("user_id:%(user_id)s", true)]
    [InlineData("user_id:%(target.user.id)s", false)]
    [InlineData("user_domain_id:home", true)]
    [InlineData("project_id:p%%", false)]
    [InlineData("'p':%(project_id)s", true)]
    [InlineData("\"q\":%(project_id)s", false)]
    [InlineData("system_scope:all", false)]
    [InlineData("system_scope:None", true)]
    [InlineData("is_admin:1", false)]
    [InlineData("nothing:%(project_id)s", false)]
    [InlineData("not role:admin", true)]
    [InlineData("not not role:member", true)]
    [InlineData("NOT role:admin AND role:member", true)]
    [InlineData("role:member or role:x and role:y", true)]
    [InlineData("(role:member or role:x) and role:y", false)]
    [InlineData("role:x and role:y or role:member", true)]
    [InlineData("((role:member))", true)]
    [InlineData("( role:member )", true)]
    [InlineData("role:member or", false)]
    [InlineData("role:member role:member", false)]
    [InlineData("(role:member", false)]
    [InlineData("role:member)", false)]
    [InlineData("()", false)]
    [InlineData("'role:member'", false)]
    [InlineData("member or role:member", true)]
    [InlineData("not member", true)]
    [InlineData("role:member or project_id:%(project_id)d", true)]
    [InlineData("project_id:%(project_id)d or role:member", false)]
    [InlineData("not project_id:%(project_id)d", false)]
    [InlineData("not http://judge/%(project_id)s", false)]
    [InlineData("rule:nothing", false)]
    [InlineData("not rule:nothing", true)]
    public void A_text_means_what_it_means_to_oslo_policy(string check, bool allows) =>
        Assert.Equal(allows, Rules.Allows(check, Member, Own));

    [Fact]
    public void A_thing_that_lacks_the_attribute_is_nobodys_and_one_whose_attribute_is_None_is()
    {
        Assert.False(Rules.Allows("None:%(target.role.domain_id)s", Member, Own));
        Assert.True(Rules.Allows("None:%(target.role.domain_id)s", Member, Thing(("target.role.domain_id", null))));
        Assert.False(Rules.Allows("not None:%(target.role.domain_id)s", Member, Thing(("target.role.domain_id", null))));
        Assert.True(Rules.Allows("True:%(enabled)s", Member, Thing(("enabled", "True"))));
    }

    [Fact]
    public void Each_service_has_words_of_its_own()
    {
        var port = Thing(("device_owner", "network:dhcp"), ("shared", "True"), ("network:tenant_id", "p"));
        Assert.True(Rules.Allows("field:port:device_owner=~^network:", Member, port, PolicyDialect.Neutron));
        Assert.False(Rules.Allows("field:port:device_owner=~work:", Member, port, PolicyDialect.Neutron));
        Assert.True(Rules.Allows("field:networks:shared=True", Member, port, PolicyDialect.Neutron));
        Assert.False(Rules.Allows("field:networks:shared=True", Member, Own, PolicyDialect.Neutron));
        Assert.True(Rules.Allows("tenant_id:%(network:tenant_id)s", Member, port, PolicyDialect.Neutron));
        Assert.True(Rules.Allows("is_admin:False", Member, Own, PolicyDialect.Nova));
        Assert.True(Rules.Allows("is_admin:True", On("p", "admin"), Own, PolicyDialect.Nova));
        Assert.False(Rules.Allows("is_admin:True", On("p", "admin"), Own, PolicyDialect.Keystone));
        Assert.True(Rules.Allows("token.project.domain.id:home", Member, Own, PolicyDialect.Keystone));
        Assert.False(Rules.Allows("token.domain.id:home", Member, Own, PolicyDialect.Keystone));
        Assert.False(Rules.Allows("token.project.domain.id:home", Member, Own));
    }

    [Fact]
    public void The_old_form_is_one_list_of_which_all_must_hold()
    {
        var lists = new PolicyText(null, [["role:admin"], [], ["role:member", "project_id:%(project_id)s"]]);
        var rule = new PolicyRule("asked", "!", "Asked.");
        var overrides = new Dictionary<string, PolicyText> { ["asked"] = lists };
        var set = new Rules(defaults: [rule]).Compile(new PolicyChoices { Rules = overrides });
        Assert.True(set.Allows(rule, Member, Own));
        Assert.False(set.Allows(rule, Member, new PolicyTarget(new ProjectId("q"))));
        Assert.Equal("(role:admin or (role:member and project_id:%(project_id)s))", set.Texts["asked"]);
    }

    [Fact]
    public void Before_a_thing_is_known_a_rule_holds_if_it_can_hold_for_some_thing()
    {
        bool MayEver(string check, Caller caller) => Rules.Allows(check, caller, PolicyTarget.Unknown, PolicyDialect.Keystone);
        Assert.True(MayEver("role:member and project_id:%(project_id)s", Member));
        Assert.False(MayEver("role:admin and project_id:%(project_id)s", Member));
        Assert.False(MayEver("project_id:%(project_id)s", OnSystem("admin")));
        Assert.True(MayEver("domain_id:%(target.domain_id)s and not None:%(target.domain_id)s", OnDomain("d")));
        Assert.True(MayEver("not (role:member and 'public':%(visibility)s)", Member));
        Assert.False(MayEver("not role:member and 'public':%(visibility)s", Member));
        Assert.True(MayEver("not not user_id:%(user_id)s", Member));
    }

    [Fact]
    public void A_rule_that_refers_to_itself_or_leads_to_one_lets_nobody_in()
    {
        PolicyRule a = new("a", "rule:b or role:member", "A."), b = new("b", "not rule:a", "B."), c = new("c", "not rule:b", "C."),
            d = new("d", "role:member or rule:a", "D.");
        var rules = new Rules(defaults: [a, b, c, d]);
        var set = rules.Compile();
        foreach (var broken in (PolicyRule[])[a, b, c])
            Assert.False(set.Allows(broken, Member, Own), broken.Name);
        Assert.True(set.Allows(d, Member, Own));
        Assert.Equal(["a refers to itself", "b refers to itself"], rules.Complaints);
    }

    [Fact]
    public void A_rule_there_is_none_of_is_the_default_rule()
    {
        var rule = new PolicyRule("asked", "rule:nothing", "Asked.");
        Assert.True(new Rules(defaults: [rule]).Compile(("default", "role:member")).Allows(rule, Member, Own));
        Assert.False(new Rules(defaults: [rule]).Compile(("default", "rule:nothing")).Allows(rule, Member, Own));
        var rules = new Rules(defaults: [rule]);
        Assert.False(rules.Compile().Allows(rule, Member, Own));
        Assert.Equal(["asked refers to nothing, which is no rule"], rules.Complaints);
    }

    [Fact]
    public void A_rule_of_another_service_lets_nobody_in() =>
        Assert.False(new Rules().Compile().Allows(new PolicyRule("asked", "@", "Asked."), Member, Own));

    [Fact]
    public void What_cannot_be_read_is_complained_of_once()
    {
        var rules = new Rules(defaults: [new("a", "role:member or or", "A."), new("b", "member", "B."), new("c", "role:%x", "C.")]);
        rules.Compile();
        Assert.Equal(3, rules.Complaints.Count);
        Assert.All(rules.Complaints, static complaint => Assert.Matches("^[abc]: ", complaint));
    }

    [Fact]
    public void A_question_allocates_nothing()
    {
        var set = PolicySet.Of(new PolicyDefaults("nova", PolicyDialect.Nova, true,
            typeof(Fabric.Grains.Compute.ComputeChecks), typeof(Fabric.Grains.Compute.ServerPolicies)));
        var target = new PolicyTarget(new ProjectId("p"));
        var allowed = 0;
        for (var round = 0; round < 2; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var at = 0; at < 1000; at++)
            {
                allowed += set.Allows(Fabric.Grains.Compute.ServerPolicies.Delete, Member, target) ? 1 : 0;
                allowed += set.Allows(Fabric.Grains.Compute.ServerPolicies.Show, Member, PolicyTarget.Unknown) ? 1 : 0;
            }

            if (round == 1)
                Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(4000, allowed);
    }
}
