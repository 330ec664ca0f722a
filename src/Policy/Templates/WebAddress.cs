namespace Actors.Policy.Templates;

/// <summary>Addresses on the web.</summary>
internal static class WebAddress
{
    /// <summary>Whether a text is an absolute http or https address with a host.</summary>
    public static bool IsOne(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp);
}
