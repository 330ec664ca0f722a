using System.Text;

namespace Actors.Api.Auth;

/// <summary>Section <c>Auth</c>: either a key of our own, or somebody else's OpenID Connect.</summary>
public sealed record AuthSettings
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Auth";

    /// <summary>Fewest bytes of a signing key: HS256 is as strong as its key.</summary>
    public const int KeyBytesMin = 32;

    /// <summary>Signs and checks tokens by HS256; at least 32 bytes in UTF-8. Null with an authority.</summary>
    public string? SigningKey { get; init; }

    /// <summary>Base address of the OpenID Connect provider whose tokens are accepted. Null with a signing key.</summary>
    public string? Authority { get; init; }

    /// <summary>What the <c>aud</c> of a token must be.</summary>
    public string Audience { get; init; } = "actors";

    /// <summary>Reads the section.</summary>
    /// <exception cref="InvalidOperationException">It is wrong; the message says what to write.</exception>
    public static AuthSettings From(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var settings = new AuthSettings
        {
            SigningKey = Value(section["SigningKey"]),
            Authority = Value(section["Authority"]),
            Audience = Value(section["Audience"]) ?? "actors",
        };
        return settings switch
        {
            { SigningKey: null, Authority: null } => throw new InvalidOperationException(
                "Neither Auth:SigningKey nor Auth:Authority is set: write a key of at least 32 characters, or the address of an OpenID Connect provider."),
            { SigningKey: not null, Authority: not null } => throw new InvalidOperationException(
                "Auth:SigningKey and Auth:Authority are both set: keep one of them."),
            { SigningKey: { } key } when Encoding.UTF8.GetByteCount(key) < KeyBytesMin => throw new InvalidOperationException(
                "Auth:SigningKey is too short: it needs at least 32 characters."),
            { Authority: { } authority } when !IsAllowed(authority) => throw new InvalidOperationException(
                "Auth:Authority must be an https address (http only for this machine)."),
            _ => settings,
        };
    }

    private static bool IsAllowed(string authority) =>
        Uri.TryCreate(authority, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

    private static string? Value(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
