using System.Collections.Immutable;
using System.Text.Json;
using Actors.Api.Auth;
using Actors.Api.Leases;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Templates;
using Actors.Policy.Users;
using Microsoft.AspNetCore.Http.Features;

namespace Actors.Api.Graph.Management;

/// <summary>Templates: the list of a business, and each one as a node.</summary>
internal sealed class TemplatesEdge(IGrainFactory grains)
{
    private static readonly NodeFields<TemplateView> Fields = new(
        ["id", "name", "language", "status", "category", "parameter_format", "components", "rejected_reason"], new()
        {
            ["id"] = (w, t) => w.WriteString("id", BusinessNode.Text(t.Id)),
            ["name"] = (w, t) => w.WriteString("name", t.Content.Name),
            ["language"] = (w, t) => w.WriteString("language", t.Content.Language),
            ["status"] = (w, t) => w.WriteString("status", Upper(t.Status.ToString())),
            ["category"] = (w, t) => w.WriteString("category", Upper(t.Content.Category.ToString())),
            ["previous_category"] = (w, t) => WritePrevious(w, t),
            ["parameter_format"] = (w, t) => w.WriteString("parameter_format", Upper(t.Content.ParameterFormat.ToString())),
            ["components"] = (w, t) => WriteComponents(w, t),
            ["message_send_ttl_seconds"] = (w, t) => WriteLife(w, t),
            ["rejected_reason"] = (w, t) => w.WriteString("rejected_reason", t.RejectedReason ?? "NONE"),
            ["quality_score"] = (w, t) => WriteScore(w, t),
            ["remarks"] = (w, t) => WriteRemarks(w, t),
        });

    /// <summary><c>GET /{business}/message_templates</c>.</summary>
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

        var query = context.Request.Query;
        string? status = query["status"], name = query["name"], category = query["category"], language = query["language"];
        var most = Math.Min(paging.Limit + 1, 1_000);
        var lines = await grains.GetGrain<ILedgerGrain>(0).TemplatesAsync(business, status?.ToUpperInvariant(), name, paging.After, most);
        var page = lines.Take(paging.Limit).ToArray();
        var views = await ViewsAsync(business, page);
        return await GraphReply.WriteAsync(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("data");
            foreach (var line in page)
            {
                // The directory says which there are; the template itself says how it is.
                if (views.TryGetValue(line.Id, out var view)
                    && (status is null || Upper(view.Status.ToString()).Equals(status, StringComparison.OrdinalIgnoreCase))
                    && (category is null || Upper(view.Content.Category.ToString()).Equals(category, StringComparison.OrdinalIgnoreCase))
                    && (language is null || view.Content.Language.Equals(language, StringComparison.OrdinalIgnoreCase)))
                {
                    Fields.Write(writer, view, names);
                }
            }

            writer.WriteEndArray();
            paging.Write(writer, context, page.FirstOrDefault()?.Id ?? 0, page.LastOrDefault()?.Id ?? 0, lines.Length > page.Length);
            writer.WriteEndObject();
        });
    }

    /// <summary><c>POST /{business}/message_templates</c>.</summary>
    public async ValueTask<GraphError?> CreateAsync(HttpContext context, long business)
    {
        TemplateDraft? draft = null;
        using (var body = await GraphBody.ReadAsync(context))
        {
            if ((body.Fault ?? TemplateParser.Parse(body.Root, null, out draft)) is { } fault)
            {
                return fault;
            }
        }

        var reply = await Template(business, draft!.Content.Name).CreateAsync(draft, context.Features.GetRequiredFeature<Caller>().Actor);
        if (reply is not { Refusal: null, Template: { } created })
        {
            return Refused(reply, "POST");
        }

        return await GraphReply.WriteAsync(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("id", BusinessNode.Text(created.Id));
            writer.WriteString("status", Upper(created.Status.ToString()));
            writer.WriteString("category", Upper(created.Content.Category.ToString()));
            writer.WriteEndObject();
        });
    }

    /// <summary><c>DELETE /{business}/message_templates?name=</c>, all languages or the one of <c>hsm_id</c>.</summary>
    public async ValueTask<GraphError?> DeleteAsync(HttpContext context, long business)
    {
        string? name = context.Request.Query["name"], hsmId = context.Request.Query["hsm_id"];
        if (string.IsNullOrEmpty(name))
        {
            return GraphError.Invalid("name: it is required");
        }

        long? id = null;
        if (!string.IsNullOrEmpty(hsmId))
        {
            if (!GraphPath.TryReadId(hsmId, out var one) || Ids.KindOf(one) != IdKind.Template || Ids.BusinessOf(one) != business)
            {
                return GraphError.Invalid("hsm_id: it is no template's id of this business");
            }

            id = one;
        }

        if (!TemplateNames.IsOne(name))
        {
            return GraphPipeline.Unsupported("DELETE");
        }

        var reply = await Template(business, name).DeleteAsync(id, context.Features.GetRequiredFeature<Caller>().Actor);
        return reply.Refusal is null ? await GraphReply.SuccessAsync(context) : Refused(reply, "DELETE");
    }

    /// <summary><c>GET /{template}</c>.</summary>
    public async ValueTask<GraphError?> GetAsync(HttpContext context, long id)
    {
        if (Fields.TryRead(context, out var names) is { } noField)
        {
            return noField;
        }

        return await FindAsync(id) is { } view
            ? await GraphReply.WriteAsync(context, writer => Fields.Write(writer, view, names))
            : GraphPipeline.Unsupported("GET");
    }

    /// <summary><c>POST /{template}</c>: other components; it goes back to review.</summary>
    public async ValueTask<GraphError?> EditAsync(HttpContext context, long id)
    {
        if (await FindAsync(id) is not { } edited)
        {
            return GraphPipeline.Unsupported("POST");
        }

        TemplateDraft? draft = null;
        using (var body = await GraphBody.ReadAsync(context))
        {
            if ((body.Fault ?? TemplateParser.Parse(body.Root, edited, out draft)) is { } fault)
            {
                return fault;
            }
        }

        var reply = await Template(Ids.BusinessOf(id), edited.Content.Name).EditAsync(id, draft!, context.Features.GetRequiredFeature<Caller>().Actor);
        return reply.Refusal is null ? await GraphReply.SuccessAsync(context) : Refused(reply, "POST");
    }

    /// <summary><c>POST /{template}/unpause</c>.</summary>
    public async ValueTask<GraphError?> UnpauseAsync(HttpContext context, long id)
    {
        if (await FindAsync(id) is not { } view)
        {
            return GraphPipeline.Unsupported("POST");
        }

        var reply = await Template(Ids.BusinessOf(id), view.Content.Name).UnpauseAsync(id);
        return reply.Refusal switch
        {
            null => await GraphReply.SuccessAsync(context),
            TemplateRefusal.Status => Template(2388039, "Status doesn't allow it", "It is neither paused nor approved."),
            _ => Refused(reply, "POST"),
        };
    }

    private ITemplateGrain Template(long business, string name) => grains.GetGrain<ITemplateGrain>(business, name, null);

    private async ValueTask<TemplateView?> FindAsync(long id)
    {
        if (await grains.GetGrain<ILedgerGrain>(0).TemplateAsync(id) is not { } line)
        {
            return null;
        }

        return (await Template(line.Business, line.Name).GetAsync()).FirstOrDefault(view => view.Id == id);
    }

    private async Task<Dictionary<long, TemplateView>> ViewsAsync(long business, DirectoryLine[] lines)
    {
        var asked = lines.Select(line => line.Name).Distinct().Select(name => Template(business, name).GetAsync()).ToArray();
        return (await Task.WhenAll(asked)).SelectMany(views => views).ToDictionary(view => view.Id);
    }

    private static GraphError Refused(TemplateReply reply, string method) => reply.Refusal switch
    {
        TemplateRefusal.Lint => Lint(reply.Findings),
        TemplateRefusal.Exists => Template(2388023, "Template exists", "A template of this name exists in this language."),
        TemplateRefusal.NameLocked => Template(2388023, "Name is locked", "A template of this name was deleted less than 30 days ago; take another name."),
        TemplateRefusal.Status when method == "DELETE" => Template(2388039, "Status doesn't allow it", "A disabled template can't be deleted."),
        TemplateRefusal.Status => Template(2388039, "Status doesn't allow it", "Templates can be edited when they are approved, rejected or paused."),
        TemplateRefusal.CategoryFixed => Template(2388039, "Category is fixed", "The category of an approved template can't change; make another template."),
        TemplateRefusal.TooMany => Template(2388019, "Template limit is reached", "The business has as many templates as it may: delete some."),
        TemplateRefusal.CreatedTooOften => CreatedTooOften with { RetryAt = reply.RetryAt },
        TemplateRefusal.EditedTooOften => EditedTooOften with { RetryAt = reply.RetryAt },
        TemplateRefusal.PauseRuns => PauseRuns with { RetryAt = reply.RetryAt },
        TemplateRefusal.Unknown or TemplateRefusal.BusinessUnknown => GraphPipeline.Unsupported(method),
        null => throw new InvalidOperationException("a template operation was neither done nor refused"),
    };

    private static GraphError CreatedTooOften { get; } = new(
        80007, 400, "Rate limit issues", "The business has created as many templates within an hour as it may.");

    private static GraphError EditedTooOften { get; } = Template(
        2388039, "Edited too often", "The template was edited as often as an approved one may be, in a day or in 30 days.");

    private static GraphError PauseRuns { get; } = Template(2388039, "The pause runs", "The template's pause ends by itself.");

    private static GraphError Lint(ImmutableArray<LintFinding> findings)
    {
        var first = findings.First(finding => finding.Refuses);
        var all = string.Join("; ", findings.Where(finding => finding.Refuses).Select(finding => $"{finding.Field}: {finding.Message}"));
        var error = Template(first.Subcode, "Template can't be submitted", $"{first.Field}: {first.Message}") with { Details = all };
        return first.Subcode == 0 ? error with { Subcode = null } : error;
    }

    private static GraphError Template(int subcode, string title, string message) => GraphError.Invalid(message) with
    {
        Subcode = subcode,
        UserTitle = title,
        UserMessage = message,
    };

    private static string Upper(string name) => name.ToUpperInvariant();

    private static void WriteComponents(Utf8JsonWriter writer, TemplateView view)
    {
        writer.WritePropertyName("components");
        writer.WriteRawValue(view.Components.Span, skipInputValidation: true);
    }

    private static void WriteLife(Utf8JsonWriter writer, TemplateView view)
    {
        if (view.Content.Life is { } life)
        {
            var isStandard = life == MessageLife.Standard && view.Content.Category != Category.Marketing;
            writer.WriteNumber("message_send_ttl_seconds", isStandard ? -1 : (long)life.TotalSeconds);
        }
    }

    private static void WritePrevious(Utf8JsonWriter writer, TemplateView view)
    {
        if (view.RequestedCategory != view.Content.Category && view.RequestedCategory != Category.Service)
        {
            writer.WriteString("previous_category", Upper(view.RequestedCategory.ToString()));
        }
    }

    private static void WriteScore(Utf8JsonWriter writer, TemplateView view)
    {
        writer.WriteStartObject("quality_score");
        writer.WriteString("score", V1.Words.Of(view.Quality));
        if (view.QualityAt is { } since)
        {
            writer.WriteNumber("date", since.Milliseconds / 1_000);
        }

        writer.WriteEndObject();
    }

    private static void WriteRemarks(Utf8JsonWriter writer, TemplateView view)
    {
        writer.WriteStartArray("remarks");
        foreach (var remark in view.Remarks)
        {
            writer.WriteStringValue($"{remark.Field}: {remark.Message}");
        }

        writer.WriteEndArray();
    }
}
