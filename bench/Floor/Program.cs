// The floor: what HTTP and JSON alone cost on this machine. Parses a send and answers in the same shape; decides nothing, stores nothing, checks no token.
using Actors.Bench.Wire;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, WireJson.Default));
var app = builder.Build();

var messages = 0L;
app.MapGet("/health/ready", () => TypedResults.Ok());
app.MapPost("/{version}/{number:long}/messages", (string version, long number, Send send) =>
    TypedResults.Ok(Accepted.Of(send.To, send.To, $"wamid.{Interlocked.Increment(ref messages):X32}", send.Template is not null)));
app.Run();
