-- The audit log in the orders that it can be listed in besides that of its entries.

CREATE INDEX audit_log_who ON audit_log (who_name{bytewise}, number);
CREATE INDEX audit_log_origin ON audit_log (origin{bytewise}, number);
CREATE INDEX audit_log_action ON audit_log (action{bytewise}, number);
CREATE INDEX audit_log_subject ON audit_log (subject{bytewise}, number);
