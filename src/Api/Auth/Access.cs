using System.Globalization;
using Actors.Api.Leases;
using Actors.Contracts;

namespace Actors.Api.Auth;

/// <summary>Who may call an endpoint. Each role that isn't named is refused.</summary>
/// <param name="Business">The scope that a business's token needs; null when businesses may not.</param>
/// <param name="User">Whether users may.</param>
/// <param name="Operator">Whether operators may.</param>
/// <param name="Anyone">Whether it needs no token.</param>
/// <param name="ByLease">
/// Whether a lease is enough to know that a business's token isn't revoked, because the ledger's fence looks again with the commit: sends, which don't ask
/// the business's grain. Everything else asks it.
/// </param>
internal sealed record AccessRule(Scopes? Business = null, bool User = false, bool Operator = false, bool Anyone = false, bool ByLease = false);

/// <summary>Why a caller is refused.</summary>
internal enum AccessDenial
{
    /// <summary>There is no token.</summary>
    TokenMissing,

    /// <summary>The token is malformed, ended, revoked or not ours.</summary>
    TokenInvalid,

    /// <summary>This role may not do that.</summary>
    Role,

    /// <summary>The token's scope doesn't cover it.</summary>
    Scope,

    /// <summary>It belongs to somebody else.</summary>
    NotYours,
}

/// <summary>Checks callers.</summary>
internal sealed class Access(TokenReader tokens, LeaseCache leases, TimeProvider time)
{
    /// <summary>Finds out who calls, and whether they may.</summary>
    /// <param name="business">The business that the path is about; null for none.</param>
    /// <param name="user">The user that the path is about; null for none.</param>
    public async ValueTask<AccessDenial?> CheckAsync(HttpContext context, AccessRule rule, long? business, long? user, bool tokenInQuery)
    {
        if (rule.Anyone)
        {
            return null;
        }

        string? header = context.Request.Headers.Authorization;
        Caller? caller;
        if (header is not null)
        {
            caller = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? await tokens.ReadAsync(header.AsSpan(7).Trim()) : null;
        }
        else if (tokenInQuery && context.Request.Query["access_token"] is [{ } token])
        {
            caller = await tokens.ReadAsync(token);
        }
        else
        {
            return AccessDenial.TokenMissing;
        }

        if (caller is null)
        {
            return AccessDenial.TokenInvalid;
        }

        if (caller.Role == CallerRole.Business && !await HoldsAsync(caller, rule.ByLease))
        {
            return AccessDenial.TokenInvalid;
        }

        context.Features.Set(caller);
        return Denial(caller, rule, business, user);
    }

    /// <summary>Whether a business's token is of the epoch that holds now. Epochs only grow, and only a lease that is out of date is behind a token.</summary>
    private async ValueTask<bool> HoldsAsync(Caller caller, bool byLease)
    {
        var arrivedAt = time.GetTimestamp();
        var lease = byLease ? await leases.GetAsync(caller.Id) : null;
        if (!byLease || lease?.Business.TokenEpoch < caller.Epoch)
        {
            lease = await leases.AskedSinceAsync(caller.Id, arrivedAt);
        }

        return lease?.Business.TokenEpoch == caller.Epoch;
    }

    private static AccessDenial? Denial(Caller caller, AccessRule rule, long? business, long? user) => caller.Role switch
    {
        CallerRole.Business when rule.Business is not { } => AccessDenial.Role,
        CallerRole.Business when business is { } of && of != caller.Id => AccessDenial.NotYours,
        CallerRole.Business when !caller.Scopes.HasFlag(rule.Business.Value) => AccessDenial.Scope,
        CallerRole.User when !rule.User => AccessDenial.Role,
        CallerRole.User when user is { } of && of != caller.Id => AccessDenial.NotYours,
        CallerRole.Operator when !rule.Operator => AccessDenial.Role,
        CallerRole.Business or CallerRole.User or CallerRole.Operator => null,
    };
}

/// <summary>Says on an endpoint under <c>/v1</c> who may call it, and holds callers to it.</summary>
internal static class AccessEndpoints
{
    /// <summary>
    /// Lets businesses with this scope call it. Route values <c>business</c>, <c>number</c> and <c>template</c> must be theirs, where the endpoint has them.
    /// </summary>
    public static TBuilder AllowBusiness<TBuilder>(this TBuilder endpoint, Scopes scope)
        where TBuilder : IEndpointConventionBuilder => endpoint.Change(rule => rule with { Business = scope });

    /// <summary>Lets users call it. The route value <c>user</c> must be themself, where the endpoint has it.</summary>
    public static TBuilder AllowUser<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.Change(rule => rule with { User = true });

    /// <summary>Lets operators call it.</summary>
    public static TBuilder AllowOperator<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.Change(rule => rule with { Operator = true });

    /// <summary>Lets everybody call it, without a token.</summary>
    public static TBuilder AllowAnyone<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.Change(rule => rule with { Anyone = true });

    private static TBuilder Change<TBuilder>(this TBuilder endpoint, Func<AccessRule, AccessRule> change)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.Add(builder =>
        {
            var rule = builder.Metadata.OfType<AccessRule>().LastOrDefault() ?? new();
            builder.Metadata.Add(change(rule));
        });
        return endpoint;
    }

    /// <summary>Runs behind routing. An endpoint that says nothing about access is open to nobody.</summary>
    public static IApplicationBuilder UseAccess(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint() is { } endpoint)
        {
            var rule = endpoint.Metadata.GetMetadata<AccessRule>() ?? (Families.Of(context.Request.Path) == Family.Operations ? Open : new());
            var problem = await CheckAsync(context, rule);
            if (problem is not null)
            {
                await problem.ExecuteAsync(context);
                return;
            }
        }

        await next(context);
    });

    private static readonly AccessRule Open = new(Anyone: true);

    private static async ValueTask<Problem?> CheckAsync(HttpContext context, AccessRule rule)
    {
        var route = context.Request.RouteValues;
        long? business = null;
        Problem? unknown = null;
        foreach (var (name, kind) in Subjects)
        {
            if (route.TryGetValue(name, out var value) && value is string text)
            {
                if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || Ids.KindOf(id) != kind)
                {
                    unknown = Problems.NotFound($"There is no {name} of this id.");
                }
                else
                {
                    business ??= Ids.BusinessOf(id);
                }
            }
        }

        long? user = null;
        if (route.TryGetValue("user", out var userValue) && userValue is string userText)
        {
            if (PhoneDigits.TryParse(userText, out var number))
            {
                user = number;
            }
            else
            {
                unknown = Problems.NotFound("There is no user of this number.");
            }
        }

        var access = context.RequestServices.GetRequiredService<Access>();
        return await access.CheckAsync(context, rule, business, user, tokenInQuery: false) switch
        {
            AccessDenial.TokenMissing => Problems.TokenMissing,
            AccessDenial.TokenInvalid => Problems.TokenInvalid,
            AccessDenial.Role => Problems.Forbidden("A token of this role may not do that."),
            AccessDenial.Scope => Problems.Forbidden("The token's scope doesn't cover that."),
            AccessDenial.NotYours => Problems.Forbidden("That belongs to somebody else."),
            null => unknown,
        };
    }

    private static readonly (string Name, IdKind Kind)[] Subjects =
        [("business", IdKind.Business), ("number", IdKind.PhoneNumber), ("template", IdKind.Template)];
}
