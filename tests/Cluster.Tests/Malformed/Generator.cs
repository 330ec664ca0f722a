using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Actors.Cluster.Tests.Malformed;

/// <summary>Makes malformed requests out of well-formed ones, the same ones for the same seed.</summary>
/// <param name="seed">The seed.</param>
/// <param name="calls">What to break.</param>
/// <param name="tokens">A good token for each role.</param>
/// <param name="strangers">Tokens of others.</param>
public sealed class Generator(int seed, IReadOnlyList<Endpoint> calls, Func<Role, string> tokens, IReadOnlyList<string> strangers)
{
    private const int BodyMax = 256 * 1024;
    private readonly Random _random = new(seed);

    /// <summary>The next one.</summary>
    public Request Next()
    {
        var call = calls[_random.Next(calls.Count)];
        var request = new Request
        {
            From = call,
            Method = call.Method,
            Path = call.Path,
            Authorization = "Bearer " + tokens(call.Role),
            Type = call.Body is null ? null : call.Type,
            Body = call.Body is null ? null : Encoding.UTF8.GetBytes(call.Body),
            Tree = call.Body is null ? null : JsonNode.Parse(call.Body),
        };
        if (call.Strict)
        {
            Break(request, _random.Next(3) == 0 ? [BreakToken, BreakMethod, BreakId] : [BreakText, BreakType, BreakMember, BreakMember, BreakMember]);
            return request;
        }

        for (var breaks = _random.Next(1, 4); breaks > 0; breaks--)
        {
            Break(request, request.Body is null
                ? [BreakToken, BreakMethod, BreakId, BreakId, BreakQuery, BreakQuery, AddHeader, AddBody]
                : [BreakText, BreakType, BreakMember, BreakMember, BreakMember, BreakMember, BreakToken, BreakMethod, BreakId, BreakQuery, AddHeader]);
        }

        return request;
    }

    private void Break(Request request, Action<Request>[] ways)
    {
        var way = ways[_random.Next(ways.Length)];
        way(request);
        request.Breaks.Add(way.Method.Name);
    }

    private T One<T>(params T[] of) => of[_random.Next(of.Length)];

    /// <summary>What comes is no JSON text, or none that anybody would take.</summary>
    private void BreakText(Request request)
    {
        request.Tree = null;
        var body = request.Body ?? [];
        var text = Encoding.UTF8.GetString(body);
        request.Body = _random.Next(14) switch
        {
            0 => [],
            1 => body[..(body.Length * _random.Next(1, 95) / 100)],
            2 => Noise(_random.Next(1, 300)),
            3 => [.. body, .. "}"u8],
            4 => [.. body, .. body],
            5 => Encoding.Unicode.GetBytes(text),
            6 => Encoding.UTF8.GetBytes(text.Replace('"', '\'')),
            7 => WithByte(body, (byte)'\xff'),
            8 => Encoding.UTF8.GetBytes(new string('[', _random.Next(65, 20_000))),
            9 => Encoding.UTF8.GetBytes(Deep(_random.Next(65, 5_000))),
            10 => Encoding.UTF8.GetBytes($$"""{"pad":"{{new string('x', BodyMax + _random.Next(10))}}"}"""),
            11 => Encoding.UTF8.GetBytes(One("null", "true", "12", "\"text\"", "[]", "[[]]", "NaN", "-", "1e9999", "\"", "{", "\u0000")),
            12 => Encoding.UTF8.GetBytes("/* comment */" + text),
            _ => Encoding.UTF8.GetBytes(text.Insert(text.LastIndexOf('}') is var end and >= 0 ? end : 0, ",")),
        };
    }

    private void BreakType(Request request) => request.Type = One(
        null, "", "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/jsonx",
        "application/json; charset=utf-16", "application/json; charset=latin-9000", "json", ";", "application/json,application/json", new string('a', 4_000));

    /// <summary>One member, anywhere in the body, becomes what it must not be, or goes.</summary>
    private void BreakMember(Request request)
    {
        var places = Places(request.Tree).ToList();
        if (places.Count == 0)
        {
            BreakText(request);
            return;
        }

        var (parent, name, index) = places[_random.Next(places.Count)];
        if (name is not null && _random.Next(5) == 0)
        {
            parent.AsObject().Remove(name);
        }
        else if (name is not null && _random.Next(8) == 0 && !request.From.IsGraph)
        {
            parent["surprise"] = 1;
        }
        else
        {
            // A mark now, and what it stands for when the text is made: no tree can hold it.
            var mark = $"@{_random.Next()}@";
            request.Marks[mark] = Wrong(name is not null ? parent[name] : parent[index], request.From.Strict);
            _ = name is not null ? parent[name] = mark : parent[index] = mark;
        }

        request.RenderTree();
    }

    /// <summary>JSON that stands where <paramref name="old"/> stood, and is of another kind or beyond every bound.</summary>
    private string Wrong(JsonNode? old, bool strict)
    {
        string[] strings =
        [
            "\"\\ud800\"", "\"\\udfff\\ud800 x\"", $"\"{new string('y', _random.Next(70_000, 200_000))}\"", "\"a\\u0000b\"", "\"\\u0007\"",
        ];
        string[] numbers = ["-1", "1e400", "1.5", "99999999999999999999999999", "9007199254740993", "-0", "0.0000000000000000000000000001"];
        string[] others = ["{}", "[]", "{\"a\":{\"b\":[1]}}", "[[[[[[]]]]]]", Deep(70)];
        string[] loose = ["\"\"", "\" \"", "\"'; DROP TABLE users;--\"", "\"../../etc/passwd\"", "\"\u202e\u200b\"", "\"١٢٣٤٥٦٧٨٩\"", "true", "null"];
        return old switch
        {
            JsonValue value when value.GetValueKind() == JsonValueKind.String => One([.. strings, .. numbers, .. others, "true", .. strict ? [] : loose]),
            JsonArray => One([.. numbers, .. strings, "true", "{}", "[{}]", "[1]", "[null]", $"[{string.Join(',', Enumerable.Repeat("\"utility\"", 5_000))}]"]),
            JsonObject => One([.. numbers, .. strings, "true", "[]", "[{}]"]),
            _ => One([.. strings, .. others, .. strict ? [] : (string[])[.. numbers, .. loose]]),
        };
    }

    private void BreakId(Request request)
    {
        var (path, query) = request.Path.Split('?') is [var p, var q] ? (p, "?" + q) : (request.Path, "");
        var parts = path.Split('/');
        var at = Array.FindIndex(parts, part => part.Length > 10) is var found and >= 0 && _random.Next(4) > 0 ? found : _random.Next(1, parts.Length);
        parts[at] = One(
            "-1", "0", "00000000000000001", "1.5", "1e3", "9007199254740993", "99999999999999999999999999999999", "%00", "%ff%fe", "%2e%2e",
            "..%2f..", "a%2fb", "%", "%zz", "null", "NaN", "'", "%27%20OR%201=1", "%F0%9F%91%8D", new string('9', 200), new string('a', 3_000), "",
            " ", "{id}", "*", "%0d%0aX-A:%20b", "v23.0", "v2");
        request.Path = string.Join('/', parts) + query;
    }

    private void BreakQuery(Request request) => request.Path += (request.Path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + One(
        "limit=-1", "limit=abc", "limit=99999999999999", "limit=0", "limit=", "limit=1&limit=2", "after=%00", "after=zzzz", "before=-1",
        "after=AAAAAAAAAAAAAAAAAAAA", "after=" + new string('A', 4_000), "fields=" + new string('f', 2_000), "fields=%ff", "fields=,,,",
        "status=%27", "access_token=abc", "a=%zz", "=", "&&&", "name=%00", "hsm_id=abc", "%00=1");

    private void BreakMethod(Request request) => request.Method = One("PATCH", "OPTIONS", "TRACE", "HEAD", "PROPFIND", "FOO", "M-SEARCH");

    private void BreakToken(Request request) => request.Authorization = One(
        null, "", "Bearer", "Bearer ", "Basic YTpi", "bearer x", "Bearer " + new string('x', 9_000), "Bearer a.b.c", "Bearer ..",
        "Bearer " + One([.. strangers]),
        "Bearer " + tokens(One<Role>()) + "x", "Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoib3BlcmF0b3IiLCJzdWIiOiJhIn0.", "Bearer\u00a0x");

    private void AddHeader(Request request) => request.Headers.Add(One(
        ("Idempotency-Key", new string('k', 256)), ("Idempotency-Key", ""), ("Idempotency-Key", "a\u0001b"), ("Idempotency-Key", "é"),
        ("Accept", "text/html;q=x"),
        ("Accept-Encoding", "gzip;q=9"), ("Content-Encoding", "gzip"), ("Expect", "100-continue"), ("X-Forwarded-For", "'"), ("Last-Event-ID", "%%"),
        ("X-Long", new string('h', 8_000)), ("If-None-Match", "*"), ("Range", "bytes=-1"), ("Transfer-Encoding", "chunked"), ("Cookie", "a=b; ;;=")));

    private void AddBody(Request request) =>
        (request.Body, request.Type, request.Tree) = (Noise(_random.Next(1, 2_000)), One("application/json", "text/plain", null), null);

    private T One<T>()
        where T : struct, Enum => One(Enum.GetValues<T>());

    private byte[] Noise(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] WithByte(byte[] body, byte value)
    {
        var quote = Array.IndexOf(body, (byte)'"');
        return quote < 0 ? [value] : [.. body[..(quote + 1)], value, .. body[(quote + 1)..]];
    }

    private static string Deep(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);

    private static IEnumerable<(JsonNode Parent, string? Name, int Index)> Places(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Places(member.Value).Prepend((node, member.Key, 0))),
        JsonArray items => items.SelectMany((item, index) => Places(item).Prepend((node, null, index))),
        _ => [],
    };
}
