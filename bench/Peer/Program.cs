// The plain peer: what a good team would write without an actor system. A minimal API in front of one SQL function per send on the same PostgreSQL;
// the same rules for consent, window and cap, the same rows, one durable commit per send. Prepared statements, pooled connections, one round trip.
using System.Globalization;
using System.IO.Hashing;
using System.Reflection;
using System.Text.Json;
using Actors.Bench.Peer;
using Actors.Bench.Wire;
using Npgsql;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, WireJson.Default));
var app = builder.Build();

await using var database = NpgsqlDataSource.Create(
    app.Configuration.GetConnectionString("Peer") ?? throw new InvalidOperationException("ConnectionStrings:Peer is missing."));
if (app.Configuration.GetValue<bool>("Schema"))
{
    using var script = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("peer.sql")!);
    await using var create = database.CreateCommand(await script.ReadToEndAsync());
    await create.ExecuteNonQueryAsync();
    return;
}

var tokens = new Tokens(app.Configuration["Auth:SigningKey"] ?? throw new InvalidOperationException("Auth:SigningKey is missing."), TimeProvider.System);
var directory = await BusinessDirectory.ReadAsync(database);

app.MapGet("/health/ready", () => TypedResults.Ok());
app.MapPost("/{version}/{number:long}/messages", async (string version, long number, HttpContext context) =>
{
    if (await tokens.BusinessAsync(context.Request.Headers.Authorization) is not { } business)
    {
        return Refuse(401, 190, "Access token has expired");
    }

    if (directory.BusinessOf(number) != business)
    {
        return Refuse(403, 10, "Permission denied");
    }

    var body = new byte[context.Request.ContentLength ?? 0];
    await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
    var send = JsonSerializer.Deserialize(body, WireJson.Default.Send);
    if (send is null || !long.TryParse(send.To, NumberStyles.None, CultureInfo.InvariantCulture, out var user))
    {
        return Refuse(400, 100, "Invalid parameter");
    }

    var (template, category) = (0L, (short)0);
    if (send.Template is not null && !directory.TryFind(business, send.Template.Name, send.Template.Language.Code, out template, out category))
    {
        return Refuse(404, 132001, "Template does not exist");
    }

    long? key = context.Request.Headers["Idempotency-Key"] is [{ } text]
        ? unchecked((long)XxHash3.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(text), business))
        : null;
    await using var command = database.CreateCommand("select coalesce(refusal, 0), message, replayed from send($1, $2, $3, $4, $5, $6, $7, $8)");
    command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = user });
    command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = business });
    command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number });
    command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = template });
    command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = category });
    command.Parameters.Add(new NpgsqlParameter<long?> { TypedValue = key });
    command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = key is null ? 0 : unchecked((long)XxHash3.HashToUInt64(body)) });
    command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = body });
    await using var reader = await command.ExecuteReaderAsync(context.RequestAborted);
    await reader.ReadAsync(context.RequestAborted);
    if (reader.GetInt32(0) is not 0 and var code)
    {
        return Refuse(code == 100 ? 422 : 400, code, "Refused");
    }

    var message = reader.GetInt64(1);
    if (reader.GetBoolean(2))
    {
        context.Response.Headers["Idempotent-Replayed"] = "true";
    }

    return TypedResults.Ok(Accepted.Of(send.To, send.To, $"wamid.{user:X16}{message:X16}", send.Template is not null));
});
await app.RunAsync();

static IResult Refuse(int status, int code, string title) => TypedResults.Json(Failure.Of(code, title), WireJson.Default.Failure, statusCode: status);
