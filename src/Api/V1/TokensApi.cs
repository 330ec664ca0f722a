using Actors.Api.Auth;
using Actors.Api.Json;
using Actors.Contracts;

namespace Actors.Api.V1;

/// <summary>A token that was issued.</summary>
/// <param name="Token">Sent as <c>Authorization: Bearer …</c>. Shown once.</param>
/// <param name="Scope">What it may be used for.</param>
/// <param name="ExpiresAt">When it ends.</param>
internal sealed record TokenResponse(string Token, IReadOnlyList<string> Scope, string ExpiresAt);

/// <summary>A business's tokens: issued one by one, revoked all at once.</summary>
internal static class TokensApi
{
    public const int DaysDefault = 90;

    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/businesses/{business}/tokens").WithTags("Tokens");

        group.MapPost("", IssueAsync).AllowBusiness(Scopes.Manage).AllowOperator().LimitManagement().WithName("IssueToken")
            .WithSummary("Issue a token of the business")
            .WithDescription("A business can't give a scope that its own token lacks.")
            .Accepts<TokenRequest>("application/json").WithExample("""{"scope":["send"],"days":30}""")
            .Produces<TokenResponse>(201).ProducesProblems(400, 404, 429, 501);
        group.MapDelete("", RevokeAsync).AllowBusiness(Scopes.Manage).AllowOperator().LimitManagement().WithName("RevokeTokens")
            .WithSummary("Revoke all tokens of the business, the one of this call included")
            .Produces(204).ProducesProblems(404, 429);
    }

    /// <summary>Makes a token; null when there is no such business, or when the business's own token that asks for it has been revoked meanwhile.</summary>
    public static async Task<TokenResponse?> MakeAsync(
        TokenIssuer issuer, IBusinessGrain business, long id, Scopes scopes, int days, Caller caller, TimeProvider time)
    {
        var life = TimeSpan.FromDays(days);
        var expiresAt = new Policy.Instant((time.GetUtcNow() + life).ToUnixTimeSeconds() * 1_000);
        int? askedUnder = caller.Role == CallerRole.Business ? caller.Epoch : null;
        return await business.TokenIssuedAsync(ScopeText.Format(scopes), caller.Actor, askedUnder) is { } epoch
            ? new TokenResponse(issuer.ForBusiness(id, scopes, epoch, life), [.. ScopeText.Names(scopes)], expiresAt.ToString())
            : null;
    }

    private static async Task<IResult> IssueAsync(
        HttpContext context, long business, Caller caller, IGrainFactory grains, TimeProvider time, IServiceProvider services)
    {
        if (services.GetService<TokenIssuer>() is not { } issuer)
        {
            return new Problem(501, "tokens_elsewhere", "Tokens are made by the provider at Auth:Authority, not here.");
        }

        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.TokenRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        var mayGive = caller.Role == CallerRole.Business ? caller.Scopes : Scopes.All;
        var scopes = request.Scope is null ? mayGive : Scopes.None;
        if (request.Scope is not null
            && (!ScopeText.TryParse(string.Join(' ', request.Scope), out scopes) || request.Scope.Count != ScopeText.Names(scopes).Count()))
        {
            checks.Add("scope", "it must name one or more of send, manage, read, each at most once");
        }

        var days = request.Days ?? DaysDefault;
        checks.Range("days", days, 1, TokenIssuer.DaysMax);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        if ((scopes & ~mayGive) != 0)
        {
            return Problems.Forbidden("A token can't give a scope that it lacks.");
        }

        var token = await MakeAsync(issuer, grains.GetGrain<IBusinessGrain>(business), business, scopes, days, caller, time);
        return token is not null ? TypedResults.Json(token, statusCode: 201)
            : caller.Role == CallerRole.Business ? Problems.TokenInvalid
            : Refusals.BusinessUnknown;
    }

    private static async Task<IResult> RevokeAsync(long business, Caller caller, IGrainFactory grains) =>
        await grains.GetGrain<IBusinessGrain>(business).RevokeTokensAsync(caller.Actor) is null ? Refusals.BusinessUnknown : TypedResults.NoContent();
}
