using System.Text.Json;
using Actors.Api.Auth;
using Actors.Contracts;
using Actors.Policy.Users;
using Microsoft.AspNetCore.Http.Features;

namespace Actors.Api.Graph.Management;

/// <summary><c>/{number}/block_users</c>: the business's own block list.</summary>
internal sealed class BlockListEdge(IGrainFactory grains, UserGrains users)
{
    private const int UsersMax = 1_000;
    private const int ListMax = 64_000;
    private const int AtOnce = 64;

    /// <summary>Puts users on the list.</summary>
    public ValueTask<GraphError?> BlockAsync(HttpContext context, long number) => ChangeAsync(context, number, blocked: true);

    /// <summary>Takes users off the list.</summary>
    public ValueTask<GraphError?> UnblockAsync(HttpContext context, long number) => ChangeAsync(context, number, blocked: false);

    /// <summary>The list.</summary>
    public async ValueTask<GraphError?> ListAsync(HttpContext context, long number)
    {
        if (Paging.TryRead(context, out var paging) is { } noPage)
        {
            return noPage;
        }

        if (await FindAsync(number) is null)
        {
            return GraphPipeline.Unsupported("GET");
        }

        var users = await List(Ids.BusinessOf(number)).ListAsync(paging.After, Math.Min(paging.Limit + 1, 1_000));
        var page = users.Take(paging.Limit).ToArray();
        return await GraphReply.WriteAsync(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("data");
            foreach (var user in page)
            {
                writer.WriteStartObject();
                writer.WriteString("messaging_product", "whatsapp");
                writer.WriteString("wa_id", BusinessNode.Text(user));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            paging.Write(writer, context, page.FirstOrDefault(), page.LastOrDefault(), users.Length > page.Length);
            writer.WriteEndObject();
        });
    }

    private async ValueTask<GraphError?> ChangeAsync(HttpContext context, long number, bool blocked)
    {
        List<string> inputs = [];
        using (var body = await GraphBody.ReadAsync(context))
        {
            if ((body.Fault ?? JsonFields.Read(body.Root, (fields, root) => Read(fields, root, inputs))) is { } fault)
            {
                return fault;
            }
        }

        if (await FindAsync(number) is not { } own)
        {
            return GraphPipeline.Unsupported(context.Request.Method);
        }

        var business = context.Features.GetRequiredFeature<Caller>().Id;
        if (blocked && await List(business).CountAsync() + inputs.Count > ListMax)
        {
            return new(139101, 400, "Blocklist limit reached", $"block_users: the list holds at most {ListMax} users");
        }

        var results = new List<Result>(inputs.Count);
        foreach (var some in inputs.Chunk(AtOnce))
        {
            results.AddRange(await Task.WhenAll(some.Select(input => ChangeOneAsync(business, own, input, blocked))));
        }

        await List(business).NoteAsync([.. results.Where(result => result.Error is null).Select(result => result.User!.Value)], blocked);
        return await WriteAsync(context, results, blocked);
    }

    private static void Read(JsonFields fields, JsonElement body, List<string> inputs)
    {
        fields.Product(body);
        foreach (var (entry, path) in fields.Objects(body, "", "block_users", UsersMax))
        {
            inputs.Add(fields.RequiredText(entry, path, "user", 64) ?? "");
        }

        if (inputs.Count == 0)
        {
            fields.Fail(GraphError.Invalid($"block_users: it is required and must have 1 to {UsersMax} entries"));
        }
    }

    private async Task<Result> ChangeOneAsync(long business, BusinessNumber own, string input, bool blocked)
    {
        if (!PhoneDigits.TryParse(input, out var user))
        {
            return new(input, null, GraphError.Value("user", "it must be a full phone number with its country code"));
        }

        if (user == own.PhoneNumber)
        {
            return new(input, user, new(131021, 400, "Recipient cannot be sender", "user: it is the number itself"));
        }

        var reply = await users.OnceAsync(user, u => u.SetBusinessBlockAsync(business, blocked));
        return reply.Refusal switch
        {
            // Off the list is off the list, whether or not they were on it.
            null or ActionRefusal.NothingThere => new(input, user, null),

            // One answer for all others: whether the user has blocked the business is their own affair.
            _ => new(input, user, new(131047, 400, "Re-engagement message", "user: only who wrote to the business within the last 24 hours can be blocked")),
        };
    }

    private IBlockListGrain List(long business) => grains.GetGrain<IBlockListGrain>(business);

    private async ValueTask<BusinessNumber?> FindAsync(long number)
    {
        var business = await grains.GetGrain<IBusinessGrain>(Ids.BusinessOf(number)).GetAsync();
        return business?.Registration.Numbers.Where(own => own.Id == number).Select(own => (BusinessNumber?)own).FirstOrDefault();
    }

    private static ValueTask<GraphError?> WriteAsync(HttpContext context, List<Result> results, bool blocked)
    {
        var failed = results.Exists(result => result.Error is not null);
        return GraphReply.WriteAsync(
            context,
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("messaging_product", "whatsapp");
                writer.WriteStartObject("block_users");
                WriteUsers(writer, blocked ? "added_users" : "removed_users", results.Where(result => result.Error is null));
                if (failed)
                {
                    WriteUsers(writer, "failed_users", results.Where(result => result.Error is not null));
                }

                writer.WriteEndObject();
                if (failed)
                {
                    writer.WriteStartObject("error");
                    writer.WriteString("message", "(#139100) Some users could not be changed");
                    writer.WriteString("type", "OAuthException");
                    writer.WriteNumber("code", 139100);
                    writer.WriteStartObject("error_data");
                    writer.WriteString("details", "failed_users says which and why; the others were changed.");
                    writer.WriteEndObject();
                    writer.WriteString("fbtrace_id", TraceIds.Of(context));
                    writer.WriteEndObject();
                }

                writer.WriteEndObject();
            },
            failed ? 400 : 200);
    }

    private static void WriteUsers(Utf8JsonWriter writer, string name, IEnumerable<Result> results)
    {
        writer.WriteStartArray(name);
        foreach (var result in results)
        {
            writer.WriteStartObject();
            writer.WriteString("input", result.Input);
            if (result.User is { } user)
            {
                writer.WriteString("wa_id", BusinessNode.Text(user));
            }

            if (result.Error is { } error)
            {
                writer.WriteStartArray("errors");
                writer.WriteStartObject();
                writer.WriteString("message", $"(#{error.Code}) {error.Title}");
                writer.WriteNumber("code", error.Code);
                writer.WriteStartObject("error_data");
                writer.WriteString("details", error.Details);
                writer.WriteEndObject();
                writer.WriteEndObject();
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private sealed record Result(string Input, long? User, GraphError? Error);
}
