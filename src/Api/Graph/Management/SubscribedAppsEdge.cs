using System.Collections.Immutable;
using System.Text.Json;
using Actors.Api.Auth;
using Actors.Contracts;
using Actors.Policy.Webhooks;
using Microsoft.AspNetCore.Http.Features;

namespace Actors.Api.Graph.Management;

/// <summary><c>/{business}/subscribed_apps</c>: webhooks, in the Cloud API's form. All that it has no words for is under <c>/v1</c>.</summary>
internal sealed class SubscribedAppsEdge(IGrainFactory grains)
{
    private const int TextMax = 2_048, FieldsMax = 32;

    /// <summary>Those that there are.</summary>
    public async ValueTask<GraphError?> ListAsync(HttpContext context, long business)
    {
        if (await grains.GetGrain<IBusinessGrain>(business).GetAsync() is not { } found)
        {
            return GraphPipeline.Unsupported("GET");
        }

        var webhooks = await grains.GetGrain<IWebhooksGrain>(business).ListAsync();
        return await GraphReply.WriteAsync(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("data");
            foreach (var webhook in webhooks)
            {
                writer.WriteStartObject();
                writer.WriteStartObject("whatsapp_business_api_data");
                writer.WriteString("id", BusinessNode.Text(webhook.Id));
                writer.WriteString("name", found.Registration.Name);
                writer.WriteString("link", webhook.CallbackUri);
                writer.WriteEndObject();
                writer.WriteString("override_callback_uri", webhook.CallbackUri);
                writer.WriteStartArray("fields");
                foreach (var field in webhook.Fields.Where(field => !field.IsClosing))
                {
                    writer.WriteStringValue(field.Field);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    /// <summary>Adds one, or changes the one of the same address.</summary>
    public async ValueTask<GraphError?> SubscribeAsync(HttpContext context, long business)
    {
        WebhookRequest? request = null;
        using (var body = await GraphBody.ReadAsync(context))
        {
            if ((body.Fault ?? JsonFields.Read(body.Root, (fields, root) => request = Read(fields, root))) is { } fault)
            {
                return fault;
            }
        }

        var reply = await grains.GetGrain<IWebhooksGrain>(business).SubscribeAsync(request!, context.Features.GetRequiredFeature<Caller>().Actor);
        if (reply.Refusal is { } refusal)
        {
            return Refused(refusal, reply.Rule);
        }

        return await GraphReply.WriteAsync(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("success", true);
            writer.WriteString("id", BusinessNode.Text(reply.Webhook!.Id));
            if (reply.Secret is { Text: var secret })
            {
                writer.WriteString("secret", secret);
            }

            writer.WriteEndObject();
        });
    }

    /// <summary>Removes the one of an address, or all.</summary>
    public async ValueTask<GraphError?> RemoveAsync(HttpContext context, long business)
    {
        string? address = context.Request.Query["override_callback_uri"];
        var webhooks = grains.GetGrain<IWebhooksGrain>(business);
        var found = (await webhooks.ListAsync()).Where(webhook => address is null || webhook.CallbackUri == address).ToArray();
        if (found.Length == 0 && address is not null)
        {
            return GraphError.Invalid("override_callback_uri: no webhook has this address");
        }

        var actor = context.Features.GetRequiredFeature<Caller>().Actor;
        foreach (var webhook in found)
        {
            await webhooks.RemoveAsync(webhook.Id, actor);
        }

        return await GraphReply.SuccessAsync(context);
    }

    private static WebhookRequest Read(JsonFields fields, JsonElement body)
    {
        var names = fields.List(body, "", "fields", FieldsMax)
            .Select(entry => fields.Text(entry.Value, entry.Path, 64) ?? "").ToImmutableArray();
        var secret = fields.Text(body, "", "secret", V1.WebhooksApi.SecretMax);
        if (secret is not null && !V1.WebhooksApi.IsSecret(secret))
        {
            fields.Fail(GraphError.Invalid("secret: " + V1.WebhooksApi.SecretRule));
        }

        int? most = null;
        if (JsonFields.Has(body, "max_updates", out var value))
        {
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number is >= 1 and <= DeliveryRules.UpdatesMax)
            {
                most = number;
            }
            else
            {
                fields.Fail(GraphError.Invalid($"max_updates: it must be a whole number from 1 to {DeliveryRules.UpdatesMax}"));
            }
        }

        return new WebhookRequest(
            fields.RequiredText(body, "", "override_callback_uri", TextMax) ?? "",
            new WebhookSecret(fields.RequiredText(body, "", "verify_token", V1.WebhooksApi.VerifyTokenMax) ?? ""),
            names,
            secret is null ? null : new WebhookSecret(secret),
            most);
    }

    private static GraphError Refused(SubscribeRefusal refusal, string rule) => refusal switch
    {
        SubscribeRefusal.BusinessUnknown => GraphPipeline.Unsupported("POST"),
        SubscribeRefusal.WrongAddress or SubscribeRefusal.NotVerified => GraphError.Invalid("override_callback_uri: " + rule),
        SubscribeRefusal.WrongField => GraphError.Invalid("fields: " + rule),
        SubscribeRefusal.TooMany => GraphError.Invalid(rule),
        SubscribeRefusal.Undecided => throw new InvalidOperationException("A webhook was refused without a reason."),
    };
}
