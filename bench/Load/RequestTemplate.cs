using System.Globalization;
using System.Text;

namespace Actors.Bench.Load;

/// <summary>A whole request of one business and kind, with blanks for what varies.</summary>
internal sealed class RequestTemplate
{
    // Each blank is as long as what fills it.
    private const string User = "__USER_NUMBER";
    private const string Serial = "__SERIAL";
    private const string Key = "__IDEMPOTENCYKEY";

    private readonly byte[] _bytes;
    private readonly int _userAt;
    private readonly int _serialAt;
    private readonly int _keyAt;

    public RequestTemplate(Sender sender, Kind kind, bool keyed, string host)
    {
        var path = kind == Kind.OptIn ? $"/v1/businesses/{sender.Id}/opt-ins" : $"/v24.0/{sender.PhoneNumber}/messages";
        var body = Body(kind);
        var head = $"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {sender.Token}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {body.Length}\r\n" + (keyed ? $"Idempotency-Key: {Key}\r\n\r\n" : "\r\n");
        _bytes = Encoding.ASCII.GetBytes(head + body);
        (_userAt, _serialAt, _keyAt) = (At(User), At(Serial), At(Key));
    }

    /// <summary>Writes the request.</summary>
    /// <param name="key">Only used by a template that was made with one.</param>
    /// <returns>Its length.</returns>
    public int Fill(Span<byte> request, long user, uint serial, ulong key)
    {
        _bytes.CopyTo(request);
        user.TryFormat(request.Slice(_userAt, User.Length), out _, provider: CultureInfo.InvariantCulture);
        serial.TryFormat(request.Slice(_serialAt, Serial.Length), out _, "x8", CultureInfo.InvariantCulture);
        if (_keyAt >= 0)
        {
            key.TryFormat(request.Slice(_keyAt, Key.Length), out _, "x16", CultureInfo.InvariantCulture);
        }

        return _bytes.Length;
    }

    private static string Body(Kind kind)
    {
        const string Start = $$"""{"messaging_product":"whatsapp","recipient_type":"individual","to":"{{User}}" """;
        return kind switch
        {
            Kind.Utility => Start + Template("order_update", """{"type":"text","text":"Ann"},"""),
            Kind.Marketing => Start + Template("spring_offer", ""),
            Kind.Service => Start
                + $$$""","type":"text","text":{"preview_url":false,"body":"Your parcel {{{Serial}}} left our shop today and comes tomorrow."}}""",
            Kind.OptIn => $$"""{"user":"{{User}}","categories":["utility","marketing"],"source":"website",""" + $$"""
                "wording":"I want news of this shop.","evidence":"form-{{Serial}}","at":"2026-01-15T12:00:00Z"}
                """,
            Kind.Delivered or Kind.Read => throw new ArgumentOutOfRangeException(nameof(kind), kind, "devices write their own requests"),
        };

        static string Template(string name, string parameters) =>
            $$$""","type":"template","template":{"name":"{{{name}}}","language":{"code":"en_US"}"""
            + $$$""","components":[{"type":"body","parameters":[{{{parameters}}}{"type":"text","text":"{{{Serial}}}"}]}]}}""";
    }

    private int At(string blank) => _bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(blank));
}
