using System.Globalization;
using Actors.Api.Auth;
using Actors.Contracts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Api.Tests.V1;

/// <summary>Who may call what under <c>/v1</c>: one test for each cell of role and endpoint.</summary>
public sealed class RoleTests(NodeFixture node)
{
    /// <summary>Who calls. A business without the scope has the other two.</summary>
    public enum Role
    {
        Nobody,
        Business,
        BusinessWithoutScope,
        AnotherBusiness,
        User,
        AnotherUser,
        Operator,
    }

    private const string Sends = "send";
    private const string Manages = "manage";
    private const string Reads = "read";

    /// <summary>What needs no token: whoever has none gets one here.</summary>
    private static readonly string[] OpenToAll = ["POST /v1/enrolments", "POST /v1/enrolments/{enrolment}"];

    /// <summary>Method, path, the scope that a business needs (null: businesses may not), whether users may, whether operators may.</summary>
    private static readonly (string Method, string Path, string? Business, bool User, bool Operator)[] Table =
    [
        ("GET", "/v1/audit", null, false, true),
        ("GET", "/v1/policy", null, false, true),
        ("GET", "/v1/policy/shadow", null, false, true),
        ("PUT", "/v1/policy/shadow", null, false, true),
        ("DELETE", "/v1/policy/shadow", null, false, true),
        ("GET", "/v1/policy/versions", null, false, true),
        ("POST", "/v1/policy/versions", null, false, true),
        ("POST", "/v1/policy/versions/{version:int}/rollback", null, false, true),
        ("POST", "/v1/businesses", null, false, true),
        ("GET", "/v1/businesses", null, false, true),
        ("GET", "/v1/businesses/{business}", Reads, false, true),
        ("POST", "/v1/businesses/{business}/verification", null, false, true),
        ("GET", "/v1/businesses/{business}/enforcement", Reads, false, true),
        ("POST", "/v1/businesses/{business}/violations", null, false, true),
        ("POST", "/v1/businesses/{business}/lock", null, false, true),
        ("POST", "/v1/businesses/{business}/unlock", null, false, true),
        ("GET", "/v1/appeals", null, false, true),
        ("GET", "/v1/reports", null, false, true),
        ("GET", "/v1/businesses/{business}/analytics", Reads, false, true),
        ("POST", "/v1/businesses/{business}/appeals", Manages, false, false),
        ("POST", "/v1/businesses/{business}/appeals/{strike:int}", null, false, true),
        ("GET", "/v1/businesses/{business}/quality", Reads, false, true),
        ("GET", "/v1/businesses/{business}/limits", Reads, false, true),
        ("PUT", "/v1/businesses/{business}/limit", null, false, true),
        ("POST", "/v1/businesses/{business}/tokens", Manages, false, true),
        ("DELETE", "/v1/businesses/{business}/tokens", Manages, false, true),
        ("POST", "/v1/businesses/{business}/opt-ins", Manages, false, false),
        ("GET", "/v1/businesses/{business}/opt-ins", Reads, false, false),
        ("DELETE", "/v1/businesses/{business}/opt-ins/{user}", Manages, false, false),
        ("GET", "/v1/businesses/{business}/events", Reads, false, false),
        ("GET", "/v1/businesses/{business}/webhooks", Reads, false, true),
        ("POST", "/v1/businesses/{business}/webhooks", Manages, false, false),
        ("DELETE", "/v1/businesses/{business}/webhooks/{webhook:int}", Manages, false, false),
        ("POST", "/v1/businesses/{business}/webhooks/{webhook:int}/pause", Manages, false, false),
        ("POST", "/v1/businesses/{business}/webhooks/{webhook:int}/resume", Manages, false, false),
        ("POST", "/v1/businesses/{business}/webhooks/{webhook:int}/secret", Manages, false, false),
        ("POST", "/v1/businesses/{business}/webhooks/{webhook:int}/secret/finish", Manages, false, false),
        ("GET", "/v1/businesses/{business}/webhooks/{webhook:int}/parked", Reads, false, true),
        ("POST", "/v1/businesses/{business}/webhooks/{webhook:int}/parked/{sequence:long}", Manages, false, false),
        ("GET", "/v1/numbers/{number}/messages/{message}", Reads, false, true),
        ("POST", "/v1/numbers/{number}/decisions", Sends, false, true),
        ("GET", "/v1/templates", null, false, true),
        ("GET", "/v1/templates/{template}", null, false, true),
        ("POST", "/v1/templates/{template}/review", null, false, true),
        ("POST", "/v1/templates/{template}/stop", null, false, true),
        ("GET", "/v1/users/{user}", null, true, false),
        ("PUT", "/v1/users/{user}/preferences", null, true, false),
        ("GET", "/v1/users/{user}/export", null, true, false),
        ("DELETE", "/v1/users/{user}", null, true, false),
        ("PUT", "/v1/users/{user}/devices/{device}", null, true, false),
        ("DELETE", "/v1/users/{user}/devices/{device}", null, true, false),
        ("PUT", "/v1/users/{user}/businesses/{business}/opt-in", null, true, false),
        ("DELETE", "/v1/users/{user}/businesses/{business}/opt-in", null, true, false),
        ("PUT", "/v1/users/{user}/businesses/{business}/marketing-stop", null, true, false),
        ("DELETE", "/v1/users/{user}/businesses/{business}/marketing-stop", null, true, false),
        ("PUT", "/v1/users/{user}/businesses/{business}/block", null, true, false),
        ("DELETE", "/v1/users/{user}/businesses/{business}/block", null, true, false),
        ("POST", "/v1/users/{user}/businesses/{business}/reports", null, true, false),
        ("POST", "/v1/users/{user}/messages", null, true, false),
        ("GET", "/v1/users/{user}/inbox", null, true, false),
        ("POST", "/v1/users/{user}/messages/{message}/status", null, true, false),
        ("POST", "/v1/users/{user}/messages/status", null, true, false),
        ("POST", "/v1/users/{user}/messages/{message}/clicks", null, true, false),
        ("PUT", "/v1/users/{user}/messages/{message}/feedback", null, true, false),
    ];

    public static TheoryData<string, string, Role> Cells()
    {
        var cells = new TheoryData<string, string, Role>();
        foreach (var (method, path, _, _, _) in Table)
        {
            foreach (var role in Enum.GetValues<Role>())
            {
                cells.Add(method, path, role);
            }
        }

        return cells;
    }

    [Fact]
    public void Every_endpoint_has_a_row_and_every_row_an_endpoint()
    {
        var ours = node.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(e => (Methods: e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [], Path: "/" + e.RoutePattern.RawText!.Trim('/')))
            .Where(e => e.Path.StartsWith("/v1/", StringComparison.Ordinal))
            .SelectMany(e => e.Methods.Select(m => $"{m} {e.Path}"));

        Assert.Equal(Table.Select(r => $"{r.Method} {r.Path}").Concat(OpenToAll).Order(), ours.Order());
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_role_may_do_what_the_table_says_and_nothing_else(string method, string path, Role role)
    {
        var (_, _, scope, users, operators) = Array.Find(Table, r => r.Method == method && r.Path == path);
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        var token = await TokenAsync(role, business, user, scope);

        var reply = await node.CallAsync(method, Fill(path, business, user), token);

        var may = role switch
        {
            Role.Business => scope is not null,
            Role.User => users,
            Role.Operator => operators,
            Role.Nobody or Role.BusinessWithoutScope or Role.AnotherBusiness or Role.AnotherUser => false,
        };
        var refusal = role == Role.Nobody ? 401 : 403;
        if (may)
        {
            Assert.True(reply.Status is not (401 or 403 or 405 or >= 500), $"{reply.Status}: {reply.Text}");
        }
        else
        {
            Assert.True(reply.Status == refusal, $"{reply.Status}: {reply.Text}");
        }
    }

    private async Task<string?> TokenAsync(Role role, TestBusiness business, long user, string? scope) => role switch
    {
        Role.Nobody => null,
        Role.Business => business.Token,
        Role.BusinessWithoutScope => node.Tokens.ForBusiness(business.Id, Scopes.All & ~ScopeOf(scope), 0, TimeSpan.FromHours(1)),
        Role.AnotherBusiness => (await node.NewBusinessAsync()).Token,
        Role.User => node.TokenOf(user),
        Role.AnotherUser => node.TokenOf(NodeFixture.NewUser()),
        Role.Operator => node.Operator,
    };

    /// <summary>Where businesses may not, any scope is as good as another to be without.</summary>
    private static Scopes ScopeOf(string? scope) => scope switch { Sends => Scopes.Send, Manages => Scopes.Manage, _ => Scopes.Read };

    private static string Fill(string path, TestBusiness business, long user) => path
        .Replace("{business}", business.Id.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{number}", business.Number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{template}", Ids.Template(business.Id, 1).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{user}", NodeFixture.User(user), StringComparison.Ordinal)
        .Replace("{message}", "wamid.00000000000000000000000000000000", StringComparison.Ordinal)
        .Replace("{strike:int}", "1", StringComparison.Ordinal)
        .Replace("{webhook:int}", "1", StringComparison.Ordinal)
        .Replace("{sequence:long}", "1", StringComparison.Ordinal)
        .Replace("{version:int}", "0", StringComparison.Ordinal)
        .Replace("{device}", "phone", StringComparison.Ordinal);
}
