using Actors.Api.Auth;
using Actors.Api.Graph;
using Actors.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Api.Tests;

/// <summary>Who may call what on the business side: every call, every kind of caller.</summary>
public sealed class AuthRoleTests(NodeFixture node, RoleTable roles) : IClassFixture<RoleTable>
{
    /// <summary>Every call and who may make it; whoever isn't named may not.</summary>
    private static readonly (string Method, string Path, Who Allowed)[] Table =
    [
        ("POST", "/{number}/messages", Who.Send),
        ("POST", "/{number}/marketing_messages", Who.Send),
        ("GET", "/{number}", Who.Read | Who.Operator),
        ("GET", "/{number}/whatsapp_business_profile", Who.Read | Who.Operator),
        ("POST", "/{number}/whatsapp_business_profile", Who.Manage),
        ("GET", "/{number}/block_users", Who.Read | Who.Operator),
        ("POST", "/{number}/block_users", Who.Manage),
        ("DELETE", "/{number}/block_users", Who.Manage),
        ("GET", "/{business}", Who.Read | Who.Operator),
        ("GET", "/{business}/phone_numbers", Who.Read | Who.Operator),
        ("GET", "/{business}/message_templates", Who.Read | Who.Operator),
        ("POST", "/{business}/message_templates", Who.Manage),
        ("DELETE", "/{business}/message_templates", Who.Manage),
        ("GET", "/{business}/template_analytics", Who.Read | Who.Operator),
        ("GET", "/{business}/subscribed_apps", Who.Read | Who.Operator),
        ("POST", "/{business}/subscribed_apps", Who.Manage),
        ("DELETE", "/{business}/subscribed_apps", Who.Manage),
        ("GET", "/{template}", Who.Read | Who.Operator),
        ("POST", "/{template}", Who.Manage),
        ("POST", "/{template}/unpause", Who.Manage),
    ];

    [Flags]
    private enum Who
    {
        None = 0,
        Send = 1,
        Manage = 2,
        Read = 4,
        Operator = 8,
        OtherBusiness = 16,
        User = 32,
        Nobody = 64,
        BadToken = 128,
        Revoked = 256,
    }

    public static TheoryData<string, string, string> Cells => new(
        from row in Table
        from who in Enum.GetValues<Who>()
        where who != Who.None
        select (row.Method, row.Path, $"{who}"));

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_call_is_for_whom_it_is_for_and_for_nobody_else(string method, string path, string caller)
    {
        var who = Enum.Parse<Who>(caller);
        var allowed = Table.Single(row => row.Method == method && row.Path == path).Allowed.HasFlag(who);
        var business = roles.Business;
        var target = path.Replace("{number}", $"{business.Number}", StringComparison.Ordinal)
            .Replace("{business}", $"{business.Id}", StringComparison.Ordinal).Replace("{template}", roles.Template, StringComparison.Ordinal);

        // A body that is refused for its shape shows that access was granted, and changes nothing.
        var reply = await node.CallAsync(method, "/v24.0" + target, TokenOf(who), method == "GET" ? null : new { });

        var code = reply.Status is 401 or 403 ? reply.Code : 0;
        var expected = allowed ? 0 : who is Who.Nobody or Who.BadToken or Who.Revoked ? 190 : 10;
        Assert.True(expected == code, reply.Text);
        Assert.Equal(expected switch { 190 => 401, 10 => 403, _ => reply.Status }, reply.Status);
    }

    [Fact]
    public void The_table_above_has_every_call_there_is()
    {
        var calls = node.Services.GetRequiredService<GraphPipeline>().Calls.Select(call => (call.Method, call.Template)).Order();

        Assert.Equal(Table.Select(row => (row.Method, row.Path)).Order(), calls);
    }

    [Fact]
    public async Task Revoked_tokens_end_with_the_answer_and_new_ones_work_with_theirs()
    {
        var business = await node.NewBusinessAsync();
        Assert.Equal(200, (await node.CallAsync("GET", $"/{business.Number}", business.Token)).Status);

        var revoked = await node.CallAsync("DELETE", $"/v1/businesses/{business.Id}/tokens", business.Token);
        var send = await node.SendTextAsync(business, NodeFixture.NewUser());
        var issued = await node.CallAsync("POST", $"/v1/businesses/{business.Id}/tokens", node.Operator, new { });
        var token = issued.Body.GetProperty("token").GetString()!;

        Assert.True(revoked.Status is 200 or 204, revoked.Text);
        Assert.Equal((401, 190), (send.Status, send.Code));
        Assert.Equal(200, (await node.CallAsync("GET", $"/{business.Number}", token)).Status);
    }

    [Fact]
    public async Task A_token_in_the_query_works_on_gets_only()
    {
        var business = await node.NewBusinessAsync();

        var read = await node.CallAsync("GET", $"/v24.0/{business.Number}?access_token={business.Token}", null);
        var write = await node.CallAsync("POST", $"/v24.0/{business.Number}/messages?access_token={business.Token}", null, new { });

        Assert.Equal(200, read.Status);
        Assert.Equal((401, 190), (write.Status, write.Code));
    }

    private string? TokenOf(Who who)
    {
        var (id, epoch, life) = (roles.Business.Id, roles.Epoch, TimeSpan.FromHours(1));
        return who switch
        {
            Who.Send => node.Tokens.ForBusiness(id, Scopes.Send, epoch, life),
            Who.Manage => node.Tokens.ForBusiness(id, Scopes.Manage, epoch, life),
            Who.Read => node.Tokens.ForBusiness(id, Scopes.Read, epoch, life),
            Who.Operator => node.Operator,
            Who.OtherBusiness => roles.Other.Token,
            Who.User => node.TokenOf(NodeFixture.NewUser()),
            Who.BadToken => roles.Business.Token + "x",
            Who.Revoked => node.Tokens.ForBusiness(id, Scopes.All, epoch - 1, life),
            _ => null,
        };
    }
}

/// <summary>Two businesses and a template for all cells of the table.</summary>
public sealed class RoleTable(NodeFixture node) : IAsyncLifetime
{
    public TestBusiness Business { get; private set; } = null!;

    public TestBusiness Other { get; private set; } = null!;

    public string Template { get; private set; } = "";

    public int Epoch { get; private set; }

    public async ValueTask InitializeAsync()
    {
        (Business, Other) = (await node.NewBusinessAsync(), await node.NewBusinessAsync());
        Template = await node.NewTemplateAsync(Business, GraphTemplates.Sale);
        Epoch = (await node.Services.GetRequiredService<IGrainFactory>().GetGrain<IBusinessGrain>(Business.Id).GetAsync())!.TokenEpoch;
    }

    public ValueTask DisposeAsync() => default;
}
