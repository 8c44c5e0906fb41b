"""Addresses of signing in, the own account, people and client applications."""

from __future__ import annotations

from django.urls import path

from yiwang.portal.account.views import clients, deputies, handover, login, own, people, sessions

app_name = "account"
urlpatterns = [
    path("login/", login.login, name="login"),
    path("login/code/", login.second_factor, name="second-factor"),
    path("login/enrol/", login.enrol, name="enrol"),
    path("logout/", login.logout, name="logout"),
    path("account/", own.home, name="home"),
    path("account/password/", own.password, name="password"),
    path("account/recovery-codes/", own.recovery_codes, name="recovery-codes"),
    path("account/sign-ins/end-others/", own.end_others, name="end-others"),
    path("account/sign-ins/<int:number>/end/", own.end_sign_in, name="end-sign-in"),
    path("account/deputies/new/", deputies.name, name="deputy-new"),
    path("account/deputies/<int:number>/end/", deputies.end, name="deputy-end"),
    path("people/deputies/", deputies.approvals, name="deputies"),
    path("people/deputies/<int:number>/approve/", deputies.approve, name="deputy-approve"),
    path("people/deputies/<int:number>/refuse/", deputies.refuse, name="deputy-refuse"),
    path("people/", people.people, name="people"),
    path("people/new/", people.person_new, name="person-new"),
    path("people/log/", people.log, name="people-log"),
    path("people/<int:number>/", people.person, name="person"),
    path("people/<int:number>/password/", people.new_password, name="new-password"),
    path("people/<int:number>/second-factor/", people.reset_factor, name="reset-factor"),
    path("people/<int:number>/close/", people.close, name="close"),
    path("people/<int:number>/roles/<int:grant>/end/", people.role_end, name="role-end"),
    path("clients/", clients.clients, name="clients"),
    path("clients/sessions/", sessions.listing, name="sessions"),
    path("clients/new/", clients.client_new, name="client-new"),
    path("clients/<slug:client_id>/", clients.client, name="client"),
    path("clients/<slug:client_id>/key/", clients.client_key, name="client-key"),
    path("clients/<slug:client_id>/suspend/", clients.client_suspend, name="client-suspend"),
    path("clients/<slug:client_id>/resume/", clients.client_resume, name="client-resume"),
    path("clients/<slug:client_id>/keys/<slug:kid>/revoke/", clients.key_revoke, name="key-revoke"),
    path("clients/<slug:client_id>/sessions/<slug:session>/end/", sessions.end, name="session-end"),
    path("keys/<str:token>/", handover.handover, name="handover"),
]
