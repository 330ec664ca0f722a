using System.Collections.Immutable;
using System.Text.Json;
using Actors.Api.Auth;
using Actors.Contracts;
using Actors.Policy.Businesses;
using Microsoft.AspNetCore.Http.Features;

namespace Actors.Api.Graph.Management;

/// <summary>A number as a node, the list of a business's numbers, and the profile that hangs on each.</summary>
internal sealed class NumberNode(IGrainFactory grains)
{
    private static readonly NodeFields<(BusinessView Business, BusinessNumber Number)> Fields = new(
        ["id", "display_phone_number", "verified_name", "quality_rating", "code_verification_status"], new()
        {
            ["id"] = (w, n) => w.WriteString("id", BusinessNode.Text(n.Number.Id)),
            ["display_phone_number"] = (w, n) => w.WriteString("display_phone_number", FictionalNumbers.Display(n.Number.PhoneNumber)),
            ["verified_name"] = (w, n) => w.WriteString("verified_name", n.Business.Registration.Name),
            ["quality_rating"] = (w, n) => w.WriteString("quality_rating", V1.Words.Of(n.Business.Quality)),
            ["code_verification_status"] = (w, _) => w.WriteString("code_verification_status", "VERIFIED"),
            ["name_status"] = (w, _) => w.WriteString("name_status", "APPROVED"),
            ["status"] = (w, n) => w.WriteString("status", Words.StatusOf(n.Business)),
            ["throughput"] = (w, n) => WriteLevel(
                w, "throughput", "level", V1.Words.Of(Throughput.LevelOf(n.Business.Limit, n.Business.Quality))),
            ["platform_type"] = (w, _) => w.WriteString("platform_type", "CLOUD_API"),
            ["account_mode"] = (w, _) => w.WriteString("account_mode", "LIVE"),
            ["is_official_business_account"] = (w, n) => w.WriteBoolean("is_official_business_account", n.Business.Official),
            ["whatsapp_business_manager_messaging_limit"] = (w, n) => w.WriteString(
                "whatsapp_business_manager_messaging_limit", Words.Of(n.Business.Limit)),
            ["health_status"] = (w, n) => Health.Write(w, n.Business, n.Number),
        });

    private static readonly NodeFields<BusinessProfile> ProfileFields = new(
        ["messaging_product", "about", "address", "description", "email", "profile_picture_url", "websites", "vertical"], new()
        {
            ["messaging_product"] = (w, _) => w.WriteString("messaging_product", "whatsapp"),
            ["about"] = (w, p) => WriteSet(w, "about", p.About),
            ["address"] = (w, p) => WriteSet(w, "address", p.Address),
            ["description"] = (w, p) => WriteSet(w, "description", p.Description),
            ["email"] = (w, p) => WriteSet(w, "email", p.Email),
            ["profile_picture_url"] = (w, p) => WriteSet(w, "profile_picture_url", p.PictureUrl),
            ["websites"] = (w, p) => WriteList(w, "websites", p.Websites ?? []),
            ["vertical"] = (w, p) => WriteSet(w, "vertical", p.Vertical),
        });

    /// <summary><c>GET /{number}</c>.</summary>
    public async ValueTask<GraphError?> GetAsync(HttpContext context, long id)
    {
        if (Fields.TryRead(context, out var names) is { } fault)
        {
            return fault;
        }

        return await FindAsync(id) is { } found
            ? await GraphReply.WriteAsync(context, writer => Fields.Write(writer, found, names))
            : GraphPipeline.Unsupported("GET");
    }

    /// <summary><c>GET /{business}/phone_numbers</c>.</summary>
    public async ValueTask<GraphError?> ListAsync(HttpContext context, long business)
    {
        if (Fields.TryRead(context, out var names) is { } noField)
        {
            return noField;
        }

        if (Paging.TryRead(context, out var paging) is { } noPage)
        {
            return noPage;
        }

        if (await grains.GetGrain<IBusinessGrain>(business).GetAsync() is not { } view)
        {
            return GraphPipeline.Unsupported("GET");
        }

        var behind = view.Registration.Numbers.Where(n => n.Id > paging.After).OrderBy(n => n.Id).Take(paging.Limit + 1).ToArray();
        var page = behind.Take(paging.Limit).ToArray();
        return await GraphReply.WriteAsync(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("data");
            foreach (var number in page)
            {
                Fields.Write(writer, (view, number), names);
            }

            writer.WriteEndArray();
            paging.Write(writer, context, page.FirstOrDefault().Id, page.LastOrDefault().Id, behind.Length > page.Length);
            writer.WriteEndObject();
        });
    }

    /// <summary><c>GET /{number}/whatsapp_business_profile</c>.</summary>
    public async ValueTask<GraphError?> GetProfileAsync(HttpContext context, long id)
    {
        if (ProfileFields.TryRead(context, out var names) is { } fault)
        {
            return fault;
        }

        if (await FindAsync(id) is not { } found)
        {
            return GraphPipeline.Unsupported("GET");
        }

        string[] always = names.Contains("messaging_product") ? names : [.. names, "messaging_product"];
        return await GraphReply.WriteAsync(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("data");
            ProfileFields.Write(writer, found.Business.Profile, always);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    /// <summary><c>POST /{number}/whatsapp_business_profile</c>.</summary>
    public async ValueTask<GraphError?> SetProfileAsync(HttpContext context, long id)
    {
        BusinessProfile? profile = null;
        using (var body = await GraphBody.ReadAsync(context))
        {
            if ((body.Fault ?? ProfileParser.Parse(body.Root, out profile)) is { } fault)
            {
                return fault;
            }
        }

        if (await FindAsync(id) is not { } found)
        {
            return GraphPipeline.Unsupported("POST");
        }

        var caller = context.Features.GetRequiredFeature<Caller>();
        return await grains.GetGrain<IBusinessGrain>(found.Business.Id).SetProfileAsync(profile!, caller.Actor)
            ? await GraphReply.SuccessAsync(context)
            : GraphPipeline.Unsupported("POST");
    }

    private async ValueTask<(BusinessView Business, BusinessNumber Number)?> FindAsync(long id)
    {
        var business = await grains.GetGrain<IBusinessGrain>(Ids.BusinessOf(id)).GetAsync();
        foreach (var number in business?.Registration.Numbers ?? [])
        {
            if (number.Id == id)
            {
                return (business!, number);
            }
        }

        return null;
    }

    private static void WriteLevel(Utf8JsonWriter writer, string name, string member, string level)
    {
        writer.WriteStartObject(name);
        writer.WriteString(member, level);
        writer.WriteEndObject();
    }

    private static void WriteSet(Utf8JsonWriter writer, string name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            writer.WriteString(name, text);
        }
    }

    private static void WriteList(Utf8JsonWriter writer, string name, ImmutableArray<string> texts)
    {
        if (texts.IsEmpty)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }
}
