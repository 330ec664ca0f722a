using Actors.Api.Auth;
using Actors.Api.Graph.Management;
using Actors.Api.Graph.Messages;
using Actors.Api.V1;
using Actors.Contracts;

namespace Actors.Api.Graph;

/// <summary>Takes one call on a node or edge whose caller may make it; gives the error to answer, or null when it has answered.</summary>
internal delegate ValueTask<GraphError?> GraphHandler(HttpContext context, long id);

/// <summary>The business side, in the Cloud API's wire format. Routed by hand: every version, ids of three kinds, errors that no router knows.</summary>
internal sealed class GraphPipeline
{
    private static readonly AccessRule Readers = new(Business: Scopes.Read, Operator: true);
    private static readonly AccessRule Managers = new(Business: Scopes.Manage);
    private static readonly AccessRule Senders = new(Business: Scopes.Send, ByLease: true);
    private static readonly AccessRule Anybody = new(Business: Scopes.None, Operator: true);

    private readonly Access _access;
    private readonly ManagementRate _management;
    private readonly Dictionary<(GraphEdge Edge, IdKind Kind, string Method), Call> _calls = [];

    public GraphPipeline(
        Access access, MessagesEdge messages, NumberNode numbers, BusinessNode businesses, TemplatesEdge templates, BlockListEdge blockList,
        TemplateAnalyticsEdge analytics, SubscribedAppsEdge webhooks, ManagementRate management)
    {
        (_access, _management) = (access, management);
        Take("GET", GraphEdge.Node, IdKind.PhoneNumber, "/{number}", Readers, numbers.GetAsync);
        Take("GET", GraphEdge.Profile, IdKind.PhoneNumber, "/{number}/whatsapp_business_profile", Readers, numbers.GetProfileAsync);
        Take("POST", GraphEdge.Profile, IdKind.PhoneNumber, "/{number}/whatsapp_business_profile", Managers, numbers.SetProfileAsync);
        Take("GET", GraphEdge.BlockUsers, IdKind.PhoneNumber, "/{number}/block_users", Readers, blockList.ListAsync);
        Take("POST", GraphEdge.BlockUsers, IdKind.PhoneNumber, "/{number}/block_users", Managers, blockList.BlockAsync);
        Take("DELETE", GraphEdge.BlockUsers, IdKind.PhoneNumber, "/{number}/block_users", Managers, blockList.UnblockAsync);
        Take("GET", GraphEdge.Node, IdKind.Business, "/{business}", Readers, businesses.GetAsync);
        Take("GET", GraphEdge.PhoneNumbers, IdKind.Business, "/{business}/phone_numbers", Readers, numbers.ListAsync);
        Take("GET", GraphEdge.Templates, IdKind.Business, "/{business}/message_templates", Readers, templates.ListAsync);
        Take("POST", GraphEdge.Templates, IdKind.Business, "/{business}/message_templates", Managers, templates.CreateAsync);
        Take("DELETE", GraphEdge.Templates, IdKind.Business, "/{business}/message_templates", Managers, templates.DeleteAsync);
        Take("GET", GraphEdge.TemplateAnalytics, IdKind.Business, "/{business}/template_analytics", Readers, analytics.GetAsync);
        Take("GET", GraphEdge.SubscribedApps, IdKind.Business, "/{business}/subscribed_apps", Readers, webhooks.ListAsync);
        Take("POST", GraphEdge.SubscribedApps, IdKind.Business, "/{business}/subscribed_apps", Managers, webhooks.SubscribeAsync);
        Take("DELETE", GraphEdge.SubscribedApps, IdKind.Business, "/{business}/subscribed_apps", Managers, webhooks.RemoveAsync);
        Take("GET", GraphEdge.Node, IdKind.Template, "/{template}", Readers, templates.GetAsync);
        Take("POST", GraphEdge.Node, IdKind.Template, "/{template}", Managers, templates.EditAsync);
        Take("POST", GraphEdge.Unpause, IdKind.Template, "/{template}/unpause", Managers, templates.UnpauseAsync);
        Take("POST", GraphEdge.Messages, IdKind.PhoneNumber, "/{number}/messages", Senders, messages.SendAsync);
        Take("POST", GraphEdge.MarketingMessages, IdKind.PhoneNumber, "/{number}/marketing_messages", Senders, messages.SendMarketingAsync);
    }

    /// <summary>Every call there is, for tests and descriptions.</summary>
    public IEnumerable<(string Method, string Template, AccessRule Rule)> Calls =>
        _calls.Select(c => (c.Key.Method, c.Value.Endpoint.DisplayName!, c.Value.Rule));

    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        var error = await TryAnswerAsync(context);
        if (error is not null)
        {
            await error.WriteAsync(context);
        }
    }

    private async ValueTask<GraphError?> TryAnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (!GraphPath.TryParse(request.Path.Value, out var path))
        {
            return UnknownPath;
        }

        var kind = Ids.KindOf(path.Id);
        var isKnown = _calls.TryGetValue((path.Edge, kind, request.Method), out var call);
        if (isKnown)
        {
            context.SetEndpoint(call!.Endpoint);
        }

        long? business = kind == IdKind.Unknown ? null : Ids.BusinessOf(path.Id);
        var tokenInQuery = HttpMethods.IsGet(request.Method);
        var denial = await _access.CheckAsync(context, isKnown ? call!.Rule : Anybody, business, null, tokenInQuery);
        if (denial is { } why)
        {
            return Denied(why);
        }

        SetHeaders(context);
        if (isKnown && (call!.Rule == Managers || path.Edge == GraphEdge.TemplateAnalytics) && _management.Take(context) is { } retryAt)
        {
            return new(80007, 400, "Rate limit issues", ManagementRate.Exhausted(retryAt).Detail) { RetryAt = retryAt };
        }

        return isKnown ? await call!.Handler(context, path.Id) : Unsupported(request.Method);
    }

    private void Take(string method, GraphEdge edge, IdKind kind, string template, AccessRule rule, GraphHandler handler) =>
        _calls.Add((edge, kind, method), new(rule, handler, new(null, new(rule), template)));

    private static void SetHeaders(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers["facebook-api-version"] = "v25.0";
        headers["x-fb-request-id"] = context.TraceIdentifier;
    }

    private static GraphError Denied(AccessDenial denial) => denial switch
    {
        AccessDenial.TokenMissing => GraphError.TokenMissing,
        AccessDenial.TokenInvalid => GraphError.TokenInvalid,
        AccessDenial.Role => GraphError.Forbidden("A token of this role may not do that."),
        AccessDenial.Scope => GraphError.Forbidden("The token's scope doesn't cover that."),
        AccessDenial.NotYours => GraphError.Forbidden("That belongs to another business."),
    };

    /// <summary>There is no such object, or it doesn't take this call; the Cloud API doesn't tell them apart either.</summary>
    public static GraphError Unsupported(string method) => new(
        100, 400, $"Unsupported {method.ToLowerInvariant()} request", "There is no object of this id, or it doesn't support this call.")
    {
        Type = "GraphMethodException",
        Subcode = 33,
    };

    private static GraphError UnknownPath { get; } = new(
        2500, 404, "Unknown path components", "A path is /{version}/{id}/{edge}; version and edge may be missing.");

    private sealed record Call(AccessRule Rule, GraphHandler Handler, Endpoint Endpoint);
}
