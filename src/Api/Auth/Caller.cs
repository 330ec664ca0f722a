using System.Globalization;

namespace Actors.Api.Auth;

/// <summary>On whose side a caller stands.</summary>
public enum CallerRole
{
    /// <summary>Acts for one business.</summary>
    Business = 1,

    /// <summary>Acts for one user: themself.</summary>
    User = 2,

    /// <summary>Reviews, verifies, enforces and reads; never sends, never gives consent.</summary>
    Operator = 3,
}

/// <summary>What a business's token may be used for.</summary>
[Flags]
public enum Scopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Send messages.</summary>
    Send = 1,

    /// <summary>Change the profile, templates, opt-ins, the block list, tokens.</summary>
    Manage = 2,

    /// <summary>Read.</summary>
    Read = 4,

    /// <summary>All three.</summary>
    All = Send | Manage | Read,
}

/// <summary>Who makes a request, as their token says.</summary>
public sealed class Caller
{
    internal Caller(CallerRole role, long id, string name, Scopes scopes, int epoch, DateTimeOffset expiresAt)
    {
        (Role, Id, Name, Scopes, Epoch, ExpiresAt) = (role, id, name, scopes, epoch, expiresAt);
        Actor = role switch
        {
            CallerRole.Business => "business:" + id.ToString(CultureInfo.InvariantCulture),
            CallerRole.User => "user",
            CallerRole.Operator => "operator:" + name,
        };
    }

    /// <summary>On whose side.</summary>
    public CallerRole Role { get; }

    /// <summary>The business's id or the user's wa_id; 0 for an operator.</summary>
    public long Id { get; }

    /// <summary>An operator's name; empty for the others.</summary>
    public string Name { get; }

    /// <summary>What a business's token may be used for; none for the others.</summary>
    public Scopes Scopes { get; }

    /// <summary>The token epoch that a business's token was issued under; 0 for the others.</summary>
    public int Epoch { get; }

    /// <summary>When the token ends.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>For the audit, such as <c>operator:ann</c>. Holds no user's number.</summary>
    public string Actor { get; }

    /// <summary>Makes the caller a parameter of minimal API handlers.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => new(context.Features.Get<Caller>());
}

/// <summary>Scopes as they are written in tokens and requests.</summary>
public static class ScopeText
{
    /// <summary>Blank-separated, such as <c>send read</c>.</summary>
    public static string Format(Scopes scopes) => string.Join(' ', Names(scopes));

    /// <summary>The names of a set.</summary>
    public static IEnumerable<string> Names(Scopes scopes)
    {
        if (scopes.HasFlag(Scopes.Send))
        {
            yield return "send";
        }

        if (scopes.HasFlag(Scopes.Manage))
        {
            yield return "manage";
        }

        if (scopes.HasFlag(Scopes.Read))
        {
            yield return "read";
        }
    }

    /// <summary>Reads names separated by blanks or commas; false when one is unknown or there is none.</summary>
    public static bool TryParse(string? text, out Scopes scopes)
    {
        scopes = Scopes.None;
        foreach (var name in (text ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            var scope = name switch { "send" => Scopes.Send, "manage" => Scopes.Manage, "read" => Scopes.Read, _ => Scopes.None };
            if (scope == Scopes.None)
            {
                scopes = Scopes.None;
                return false;
            }

            scopes |= scope;
        }

        return scopes != Scopes.None;
    }
}
